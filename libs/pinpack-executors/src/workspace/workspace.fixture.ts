/** Writes a workspace with one reqset to a temporary folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inputsDigest, recordInputs, type LockedPackage } from '@pinpack/python-dist';
import { sampleLock } from '@pinpack/rpm-packaging/testing';
import { temporaryFolder } from '@pinpack/testing';
import { readLockInputs } from './read-lock-inputs.js';
import { readSets } from './reqset-settings.js';
import { writeLock } from './write-lock.js';

export function writeText(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/**
 * Writes requirements, a lock for each set, and the pin files.
 *
 * @param variants - as in reqset.json; without them the file is not written
 * @returns the workspace's root
 */
export async function writeWorkspace(
  reqset: string,
  packages: LockedPackage[],
  variants?: Record<string, object>,
): Promise<string> {
  const root = temporaryFolder();
  const lines = packages.map(({ name, version }) => `${name}==${version}\n`);
  writeText(root, `reqsets/${reqset}/requirements.txt`, lines.join(''));
  if (variants !== undefined) writeText(root, `reqsets/${reqset}/reqset.json`, JSON.stringify({ variants }));
  for (const set of readSets(root, reqset)) {
    const inputs = await readLockInputs(root, set);
    const { target, bytecode = false, layout = 'tree', compression } = inputs;
    const recorded = { inputsSha256: inputsDigest(inputs), inputs: recordInputs(inputs) };
    await writeLock(root, set, sampleLock(packages, { ...target, bytecode, layout, compression, ...recorded }));
  }
  return root;
}
