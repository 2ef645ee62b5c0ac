import { describe, expect, it } from 'vitest';
import { planSandbox } from './sandbox.js';

const PLAN = {
  base: '/home/me/target',
  root: '/home/me/target/root',
  usrAdditions: '/home/me/target/usr-additions',
  overlayWork: '/home/me/target/overlay-work',
  rpmMacros: '/home/me/target/rpmmacros',
  readable: ['/home/me/repository'],
  hidden: ['/usr/local'],
  env: { HOME: '/root', EXTRA: 'a b' },
};

describe('the arguments of bwrap', () => {
  const args = planSandbox(PLAN, ['chroot', '/home/me/target/root', 'sh', '-c', 'exit 3']);
  const indexOf = (...words: string[]) =>
    args.findIndex((_, index) => words.every((word, shift) => args[index + shift] === word));

  it('share nothing with the host but a read-only view', () => {
    expect(args).toContain('--unshare-all');
    expect(args).not.toContain('--share-net');
    expect(indexOf('--ro-bind', '/', '/')).toBeGreaterThan(-1);
  });

  it('bind the root and the repositories after what they may lie below', () => {
    expect(indexOf('--bind', PLAN.base, PLAN.base)).toBeGreaterThan(indexOf('--tmpfs', '/home'));
    expect(indexOf('--ro-bind', '/home/me/repository', '/home/me/repository')).toBeGreaterThan(
      indexOf('--tmpfs', '/home'),
    );
  });

  it('clear the environment first, and let the caller change what is set', () => {
    expect(indexOf('--setenv', 'HOME', '/root')).toBeGreaterThan(indexOf('--clearenv'));
    expect(indexOf('--setenv', 'HOME', '/home')).toBe(-1);
    expect(indexOf('--setenv', 'EXTRA', 'a b')).toBeGreaterThan(-1);
  });

  it('end with the folders to hide and the command, unchanged', () => {
    const tail = ['/home/me/target/root/usr/local', '--', 'chroot', '/home/me/target/root', 'sh', '-c', 'exit 3'];
    expect(args.slice(-tail.length)).toEqual(tail);
  });
});
