/** gpg in a home of its own, with a key made for the spec. */
import { execaSync } from 'execa';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';

export type KeyKind = 'rsa3072' | 'ed25519';

export interface TestKey {
  home: string;
  /** Of the key. */
  address: string;
  /** Path of the armored public key. */
  publicKey: string;
  /** Gives what `gpg` answers to the data. */
  gpg: (args: readonly string[], input?: Uint8Array) => Uint8Array;
  sign: (data: Uint8Array) => Promise<Uint8Array>;
}

/** Fixed, so that the same data gets the same signature; rpm refuses a signature that is older than its key. */
const CREATED = '20240101T000000';
const SIGNED = '20240102T000000';

const homes: string[] = [];

// Its agent would go on for a while.
afterAll(() => {
  for (const home of homes) execaSync('gpgconf', ['--kill', 'all'], { env: { GNUPGHOME: home } });
});

export function makeKey(kind: KeyKind): TestKey {
  const home = temporaryFolder();
  homes.push(home);
  const gpg = (args: readonly string[], input: Uint8Array = new Uint8Array()) =>
    execaSync('gpg', ['--homedir', home, '--batch', '--quiet', '--passphrase', '', ...args], {
      input,
      encoding: 'buffer',
      // A signature's last byte may well be that of a newline.
      stripFinalNewline: false,
    }).stdout;
  const address = `${kind}@example.com`;
  gpg(['--faked-system-time', `${CREATED}!`, '--quick-generate-key', `Test <${address}>`, kind, 'sign', 'never']);
  const publicKey = join(home, 'public.asc');
  writeFileSync(publicKey, gpg(['--armor', '--export', address]));
  const sign = (data: Uint8Array) =>
    Promise.resolve(gpg(['--faked-system-time', `${SIGNED}!`, '--digest-algo', 'sha256', '--detach-sign'], data));
  return { home, address, publicKey, gpg, sign };
}
