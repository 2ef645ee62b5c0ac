/** A key of the user's own gpg, which stays with its agent: a smart card, say. */
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { parseSecretKeys, signingKey, type SecretKey } from './gpg-keys.js';
import { runProgram, tryProgram } from './program.js';
import { RepoError } from './repo-error.js';
import type { KeySource, Signer } from './signing-key.js';

/** Overrides the user's gpg.conf: rpm needs SHA-2, and signatures must be reproducible. */
const SIGN = ['--digest-algo', 'SHA256', '--no-emit-version', '--no-comments'];

/** @throws RepoError `REPO_KEY_UNUSABLE`, `REPO_PROGRAM_MISSING` */
export async function openGpgKey({ key, passphraseFile }: KeySource): Promise<Signer> {
  const { fingerprint, created } = await findKey(key);
  // gpg reads the passphrase from the file: neither its arguments nor its environment have it.
  const passphrase =
    passphraseFile === undefined ? [] : ['--pinentry-mode', 'loopback', '--passphrase-file', passphraseFile];
  const sign = (data: Uint8Array | string, time = DEFAULT_MTIME, ...words: string[]) => {
    // rpm refuses a signature that is older than its key.
    const clock = ['--faked-system-time', `${Math.max(time, created)}!`];
    const args = ['--batch', '--quiet', ...passphrase, ...clock, '--local-user', `${fingerprint}!`, ...SIGN, ...words];
    return runProgram('gpg', args, { input: data });
  };
  const exported = await runProgram('gpg', [
    ...['--batch', '--armor', '--no-emit-version', '--no-comments'],
    ...['--export-options', 'export-minimal', '--export', fingerprint],
  ]);
  return {
    fingerprint,
    publicKey: exported.toString(),
    sign: (data) => sign(data, undefined, '--detach-sign'),
    signArmored: async (data, time) => (await sign(data, time, '--armor', '--detach-sign')).toString(),
    signText: async (text, time) => (await sign(text, time, '--clear-sign')).toString(),
  };
}

async function findKey(key: string | undefined): Promise<SecretKey> {
  const subject = key ?? 'the key';
  const words = ['--batch', '--with-colons', '--list-secret-keys', ...(key === undefined ? [] : ['--', key])];
  const { failed, stdout, outputTail } = await tryProgram('gpg', words);
  if (failed) {
    throw new RepoError('REPO_KEY_UNUSABLE', subject, [
      "no such secret key in this user's gpg",
      outputTail,
      'See which there are: gpg --list-secret-keys',
    ]);
  }
  return signingKey(parseSecretKeys(stdout.toString()), subject);
}
