import { describe, expect, it } from 'vitest';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { checkRequirements, formatRequirements, REQUIREMENTS } from './requirements.js';

describe('the requirements of an install root', () => {
  it('are reported in one error, with the packages of Debian and Fedora', async () => {
    expect(await rejected(() => checkRequirements(temporaryFolder()))).toBe(
      [
        'PINPACK_INSTALL_UNUSABLE install root: RPMs cannot be installed into a root on this machine',
        ...['rpm', 'dnf', 'createrepo_c', 'bwrap', 'python3'].map((program) => `${program} is not installed`),
        'On Debian: apt-get install rpm dnf createrepo-c bubblewrap python3',
        'On Fedora: dnf install rpm dnf createrepo_c bubblewrap python3',
      ].join('\n  '),
    );
  });

  it('name only what is missing', () => {
    const missing = REQUIREMENTS.filter(({ program }) => program === 'dnf');
    expect(formatRequirements(missing, [])).toEqual([
      'RPMs cannot be installed into a root on this machine',
      'dnf is not installed',
      'On Debian: apt-get install dnf',
      'On Fedora: dnf install dnf',
    ]);
  });

  it('report a sandbox that cannot be made, without packages', () => {
    expect(formatRequirements([], ['bwrap cannot make a sandbox'])).toEqual([
      'RPMs cannot be installed into a root on this machine',
      'bwrap cannot make a sandbox',
    ]);
  });
});
