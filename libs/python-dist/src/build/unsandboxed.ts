// The warning for a call of a build backend without a sandbox.

/** @param subject - `name version` */
export function unsandboxedWarning(subject: string): string {
  return `warning: ${subject}: the code of this source runs without a sandbox, with all rights of this user (PINPACK_SANDBOX or "sandbox" in nx.json is "off"). Nothing of this run is uploaded to the store.`;
}
