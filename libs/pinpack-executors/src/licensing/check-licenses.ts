// Checks the licences of a publication's wheels against the policy.
import type { Lock } from '@pinpack/python-dist';
import { setLabel } from '@pinpack/rpm-packaging';
import type { Distributions } from '@pinpack/rpm-packaging/sbom';
import { PinpackError } from '../pinpack-error.js';
import type { LicensesOptions } from '../workspace/plugin-options.js';
import { licenseProblems } from './license-policy.js';

/** What the workspace itself contains is its owner's. @throws PinpackError `PINPACK_LICENSE_REFUSED` with every refused pin */
export function checkLicenses(
  set: string,
  policy: LicensesOptions,
  { lock, distributions }: { lock: Lock; distributions: Distributions },
): void {
  const pins = lock.packages
    .filter(({ source }) => source.kind !== 'directory')
    .map(({ name, version }) => ({ name, version, license: distributions.get(name)?.license }));
  const problems = licenseProblems(policy, pins);
  if (problems.length === 0) return;
  throw new PinpackError('PINPACK_LICENSE_REFUSED', `${setLabel(set)}:publish`, [
    ...problems,
    'Nothing was published. Remove these pins, allow their licences, or add reviewed exceptions: "licenses" in nx.json, docs/governance.md.',
  ]);
}
