/** Machines that cannot sandbox builds, and the remedies. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { BackendFixture } from './backend.fixture.js';
import { planBuildPolicy } from './build-policy.js';
import { describeFailure, type MachineFacts } from './sandbox-failure.js';

const FINE: MachineFacts = {
  installed: { bwrap: true, prlimit: true },
  output: 'bwrap: No permissions to create new namespace\n',
  unprivilegedClone: '1',
  maxUserNamespaces: '15000',
  restrictedByAppArmor: '0',
  isContainer: false,
};

describe('the remedy', () => {
  test.each<[string, Partial<MachineFacts>, string]>([
    ['bubblewrap is missing', { installed: { bwrap: false, prlimit: true } }, 'Install bubblewrap'],
    ['prlimit is missing', { installed: { bwrap: true, prlimit: false } }, 'Install util-linux'],
    ['Debian forbids it', { unprivilegedClone: '0' }, 'sysctl -w kernel.unprivileged_userns_clone=1'],
    ['RHEL forbids it', { maxUserNamespaces: '0' }, 'sysctl -w user.max_user_namespaces=15000'],
    ['Ubuntu forbids it', { restrictedByAppArmor: '1' }, 'kernel.apparmor_restrict_unprivileged_userns=0'],
    ['a container forbids it', { isContainer: true }, 'systempaths=unconfined'],
    ['it is unknown', {}, 'must be allowed to create user, mount and process namespaces'],
  ])('if %s', (_, facts, expected) => {
    const lines = describeFailure({ ...FINE, ...facts });
    expect(lines.join('\n')).toContain(expected);
    expect(lines.at(-1)).toContain('PINPACK_SANDBOX=off');
  });
});

describe('on a machine whose bubblewrap fails', () => {
  it('a build stops, and runs only if the sandbox is turned off', async () => {
    const fixture = await BackendFixture.make();
    onTestFinished(() => {
      fixture.remove();
      vi.unstubAllEnvs();
      vi.resetModules();
    });
    const bwrap = join(fixture.folder, 'bwrap');
    writeFileSync(bwrap, '#!/bin/sh\necho "bwrap: not permitted" >&2; exit 1\n', { mode: 0o755 });
    vi.stubEnv('PATH', `${fixture.folder}:${process.env.PATH ?? ''}`);
    // The sandbox of this machine is found once for each process.
    vi.resetModules();
    const { callHook } = await import('./backend.js');
    const backend = 'def hook(config_settings=None):\n    return "ran"\n';
    const call = (name: string, sandbox: 'on' | 'off') =>
      callHook(fixture.prepare(name, backend, { policy: planBuildPolicy(sandbox) }), 'hook', () => ({}));
    await expect(call('on', 'on')).rejects.toMatchObject({
      code: 'DIST_BUILD_SANDBOX',
      message: expect.stringContaining('bwrap: not permitted') as string,
    });
    expect(await call('off', 'off')).toMatchObject({ failed: false, answer: 'ran' });
  });
});
