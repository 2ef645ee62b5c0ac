// Collects the licences that `lock` sees in METADATA, and compares them with the policy.
import type { LockTools } from '@pinpack/python-dist';
import { declaredLicense } from '@pinpack/rpm-packaging/sbom';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { licenseProblems, type LicensedPin } from './license-policy.js';

export class LockedLicenses {
  readonly #pins: LicensedPin[] = [];

  listening(tools: LockTools): LockTools {
    return {
      ...tools,
      onLicense: (pin, fields) => {
        this.#pins.push({ ...pin, license: declaredLicense(fields) });
      },
    };
  }

  /** One line for each pin that `publish` would refuse. What is built from source has no licence yet. */
  problems({ licenses }: PluginOptions): string[] {
    if (licenses === undefined) return [];
    return licenseProblems(licenses, this.#pins).map((problem) => `licence of ${problem}; publish will refuse it`);
  }
}
