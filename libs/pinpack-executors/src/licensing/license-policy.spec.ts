import { describe, expect, test } from 'vitest';
import { licenseOfText } from '@pinpack/rpm-packaging/sbom';
import type { LicensesOptions } from '../workspace/plugin-options.js';
import { licenseProblems } from './license-policy.js';

function problem(policy: LicensesOptions, license: string | undefined): string | undefined {
  const declared = license === undefined ? undefined : licenseOfText(license);
  const [line] = licenseProblems(policy, [{ name: 'demo', version: '1.0', license: declared }]);
  return line?.replace('demo 1.0: ', '');
}

const ALLOW = { allow: ['MIT', 'Apache-2.0', 'GPL-2.0-only WITH Classpath-exception-2.0'] };

describe('a licence', () => {
  test.each<[LicensesOptions, string | undefined, string | undefined]>([
    [ALLOW, 'MIT', undefined],
    [ALLOW, 'MIT License', undefined],
    [ALLOW, 'GPL-3.0-only', 'GPL-3.0-only is not allowed'],
    [ALLOW, 'GPL-3.0-only OR MIT', undefined],
    [ALLOW, 'MIT AND GPL-3.0-only', 'MIT AND GPL-3.0-only: GPL-3.0-only is not allowed'],
    [ALLOW, '(MIT OR GPL-3.0-only) AND (Apache-2.0 OR ISC)', undefined],
    [ALLOW, 'GPL-2.0-only WITH Classpath-exception-2.0', undefined],
    [ALLOW, 'GPL-2.0-only', 'GPL-2.0-only is not allowed'],
    [ALLOW, 'Apache-2.0 WITH LLVM-exception', undefined],
    [
      ALLOW,
      'see LICENSE',
      '"see LICENSE" is not an SPDX license expression; review it: "licenses": { "exceptions": … }',
    ],
    [ALLOW, undefined, 'no licence is not an SPDX license expression; review it: "licenses": { "exceptions": … }'],
    [{ deny: ['GPL-3.0-only'] }, 'ISC', undefined],
    [{ deny: ['GPL-3.0-only'] }, 'see LICENSE', undefined],
    [{ deny: ['GPL-3.0-only'] }, 'GPL-3.0-only', 'GPL-3.0-only is denied'],
    [{ deny: ['GPL-3.0-only'] }, 'GPL-3.0-only OR ISC', undefined],
    [
      { deny: ['GPL-3.0-only'] },
      'GPL-3.0-only WITH GCC-exception-3.1',
      'GPL-3.0-only WITH GCC-exception-3.1 is denied',
    ],
    [{ allow: ['MIT'], deny: ['MIT'] }, 'MIT', 'MIT is denied'],
    [{ ...ALLOW, exceptions: [{ pin: 'Demo', reason: 'legal said so' }] }, undefined, undefined],
    [{ ...ALLOW, exceptions: [{ pin: 'demo', license: 'MIT', reason: 'read it' }] }, 'see LICENSE', undefined],
    [{ ...ALLOW, exceptions: [{ pin: 'demo', license: 'ISC', reason: 'read it' }] }, 'MIT', 'ISC is not allowed'],
    [{ ...ALLOW, exceptions: [{ pin: 'demo', version: '0.9', reason: 'old' }] }, 'ISC', 'ISC is not allowed'],
  ])('by %j of %j', (policy, license, expected) => {
    expect(problem(policy, license)).toBe(expected);
  });

  test('that SPDX does not know is refused in the settings', () => {
    const policy = {
      allow: ['MIT OR ISC', 'BSD'],
      deny: ['nonsense'],
      exceptions: [{ pin: 'x', license: '?', reason: 'y' }],
    };
    expect(() => licenseProblems(policy, [])).toThrow(
      /licenses\.allow: found "MIT OR ISC"[^]*"BSD"[^]*licenses\.deny[^]*licenses\.exceptions: found "\?" for x/,
    );
  });
});
