import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkRequirements, formatRequirements, REQUIREMENTS } from './requirements.js';

describe('the requirements of the harness', () => {
  it('are told in one error, with the packages of Debian and Fedora', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'pinpack-empty-'));
    try {
      const error: unknown = await checkRequirements(empty).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ name: 'HarnessError', code: 'HARNESS_UNUSABLE', subject: 'tools/e2e' });
      expect(String(error)).toContain('bwrap is not installed');
      expect(String(error)).toContain('On Debian: apt-get install rpm dnf createrepo-c bubblewrap python3');
      expect(String(error)).toContain('On Fedora: dnf install rpm rpm-build dnf createrepo_c bubblewrap python3');
    } finally {
      await rm(empty, { recursive: true });
    }
  });

  it('name only what is missing', () => {
    const missing = REQUIREMENTS.filter(({ program }) => program === 'dnf');
    expect(formatRequirements(missing, []).split('\n')).toEqual([
      'RPMs cannot be installed for tests here',
      '  dnf is not installed',
      '  On Debian: apt-get install dnf',
      '  On Fedora: dnf install dnf',
      '  All that the tests need: tools/setup-system.sh',
    ]);
  });

  it('tell a sandbox that cannot be made, without packages', () => {
    const message = formatRequirements([], ['bwrap cannot make a sandbox']);
    expect(message).toBe('RPMs cannot be installed for tests here\n  bwrap cannot make a sandbox');
  });
});
