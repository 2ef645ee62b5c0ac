/** Signatures by gpg: with a key of the user's own gpg and its agent (a smart card, say), or with one from a file, in a gpg home that goes with it. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { parseSecretKeys, signingKey, type SecretKey } from './gpg-keys.js';
import { runProgram, tryProgram } from './program.js';
import { RepoError } from './repo-error.js';

export interface KeySource {
  /** Fingerprint or user id; needed unless `keyFile` holds just one. */
  key?: string | undefined;
  /** An armored secret key. */
  keyFile?: string | undefined;
  /** A file whose first line is its passphrase. */
  passphraseFile?: string | undefined;
}

export interface Signer {
  /** Of the key that signs, in hex. */
  fingerprint: string;
  /** Armored. */
  publicKey: string;
  /** A binary, detached signature; the same for the same data. */
  sign: (data: Uint8Array) => Promise<Uint8Array>;
  /** The same, armored. */
  signArmored: (data: Uint8Array) => Promise<Uint8Array>;
}

/** Overrides the user's gpg.conf: rpm needs SHA-2, and signatures must be reproducible. */
const SIGN = ['--digest-algo', 'SHA256', '--no-emit-version', '--no-comments', '--detach-sign'];

/** Lets `use` sign, and leaves nothing of a key that came from a file. @throws RepoError `REPO_KEY_UNUSABLE`, `REPO_PROGRAM_MISSING` */
export async function withSigner<Result>(source: KeySource, use: (signer: Signer) => Promise<Result>): Promise<Result> {
  if (source.keyFile === undefined) return use(await openSigner(source, {}));
  const home = await mkdtemp(join(tmpdir(), 'pinpack-gpg-'));
  const env = { GNUPGHOME: home };
  try {
    await chmod(home, 0o700);
    await importKey(source.keyFile, env);
    return await use(await openSigner(source, env));
  } finally {
    // The agent that gpg started there would hold the key.
    await tryProgram('gpgconf', ['--kill', 'gpg-agent'], { env });
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

type GpgEnvironment = Record<string, string>;

async function importKey(keyFile: string, env: GpgEnvironment): Promise<void> {
  const { failed, outputTail } = await tryProgram('gpg', ['--batch', '--quiet', '--import', keyFile], { env });
  if (failed)
    throw new RepoError('REPO_KEY_UNUSABLE', keyFile, [
      outputTail,
      'Expected: what gpg --armor --export-secret-keys wrote',
    ]);
}

async function openSigner(source: KeySource, env: GpgEnvironment): Promise<Signer> {
  const { fingerprint, created } = await findKey(source, env);
  const sign = (data: Uint8Array, words: readonly string[]) =>
    runProgram('gpg', ['--batch', '--quiet', ...passphraseWords(source), ...words], { env, input: data });
  // A fixed time, so that a signature is the same each time; rpm refuses one that is older than its key.
  const time = `${Math.max(DEFAULT_MTIME, created)}!`;
  const words = ['--faked-system-time', time, '--local-user', `${fingerprint}!`];
  return {
    fingerprint,
    publicKey: (
      await runProgram('gpg', ['--batch', '--armor', '--export-options', 'export-minimal', '--export', fingerprint], {
        env,
      })
    ).toString(),
    sign: (data) => sign(data, [...words, ...SIGN]),
    signArmored: (data) => sign(data, [...words, '--armor', ...SIGN]),
  };
}

/** gpg may prompt only for a key of the user; a key from a file must not wait for input. */
function passphraseWords({ keyFile, passphraseFile }: KeySource): string[] {
  if (passphraseFile !== undefined) return ['--pinentry-mode', 'loopback', '--passphrase-file', passphraseFile];
  return keyFile === undefined ? [] : ['--pinentry-mode', 'error'];
}

async function findKey({ key, keyFile }: KeySource, env: GpgEnvironment): Promise<SecretKey> {
  const subject = key ?? keyFile ?? 'the key';
  const words = key === undefined ? [] : [key];
  const { failed, stdout, outputTail } = await tryProgram(
    'gpg',
    ['--batch', '--with-colons', '--list-secret-keys', ...words],
    { env },
  );
  if (failed) {
    const where = keyFile ?? "this user's gpg";
    throw new RepoError('REPO_KEY_UNUSABLE', subject, [
      `no such secret key in ${where}`,
      outputTail,
      'See which there are: gpg --list-secret-keys',
    ]);
  }
  return signingKey(parseSecretKeys(stdout.toString()), subject);
}
