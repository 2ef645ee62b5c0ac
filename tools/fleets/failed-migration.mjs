// An upgrade whose migration fails: the old version stays in use, rpm reports it, and the older release replaces the RPMs.

/**
 * @param {import('./root.mjs').Root} root - with the first release
 * @param {{ installer: { upgrade: string, rollback: string }, kind: import('./kinds.mjs').Kind, offer: (release: number) => Promise<void>, differs: (release: number) => Promise<string | undefined> }} request -
 *   `offer` has the repository of a release in use; `differs` compares what is installed with a release
 * @returns {Promise<string | undefined>} what differs from that; the root has the first release again
 */
export async function failMigration(root, { installer, kind: { install, obstacle, check }, offer, differs }) {
  await root.run(obstacle.put);
  await offer(1);
  // The exit status is 0 of dnf 4, 1 of dnf5 and 107 of zypper.
  const { output } = await root.run(installer.upgrade);
  if (!output.includes(`the migration of ${install[0]} failed`)) return `the migration should fail: ${output}`;
  const reported = (await differs(0)) ?? '';
  if (!/^rpm -V reports [^]*the link [^]* points to/.test(reported)) {
    return `after a migration that failed, "${check}" and rpm -V: ${reported}`;
  }
  await offer(0);
  const rollback = await root.run(installer.rollback);
  if (rollback.exitCode !== 0) return `the rollback after a migration that failed: ${rollback.output}`;
  await root.run(obstacle.remove);
  return differs(0);
}
