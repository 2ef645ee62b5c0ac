// Finds credentials of indexes with the program `keyring`, as uv and pip do with the keyring provider `subprocess`.
import { distError, type DistError } from '../dist-error.js';
import type { Credentials } from './netrc.js';

const TIMEOUT_MS = 60_000;

/**
 * @param url - of the index, without credentials
 * @param username - undefined if the keyring knows it too
 * @returns undefined if the keyring has no entry of the URL or of its host
 * @throws DistError `DIST_INDEX_KEYRING_FAILED` if the program is missing or takes too long
 */
export async function askKeyring(url: string, username: string | undefined): Promise<Credentials | undefined> {
  for (const service of [url, new URL(url).host]) {
    const words = username === undefined ? ['--mode', 'creds', 'get', service] : ['get', service, username];
    const lines = await runKeyring(words);
    const [first, second] = lines ?? [];
    if (first === undefined) continue;
    if (username !== undefined) return { username, password: first };
    if (second !== undefined) return { username: first, password: second };
  }
  return undefined;
}

/** @returns the lines of its answer; undefined if it has none */
async function runKeyring(words: readonly string[]): Promise<string[] | undefined> {
  // Imported lazily: every nx command loads this package, and few commands run programs.
  const { execa } = await import('execa');
  // Without a terminal it cannot ask for a password.
  const { stdout, failed, code, timedOut } = await execa('keyring', words, {
    reject: false,
    stdin: 'ignore',
    timeout: TIMEOUT_MS,
  });
  if (code === 'ENOENT') throw keyringFailed('is not installed, or not on PATH');
  if (timedOut) throw keyringFailed('did not answer within a minute');
  const lines = stdout.split('\n').filter((line) => line !== '');
  return failed || lines.length === 0 ? undefined : lines;
}

function keyringFailed(found: string): DistError {
  return distError('keyring', 'DIST_INDEX_KEYRING_FAILED', [
    `the program ${found}, but the configuration of pip or uv asks for it (keyring-provider)`,
    'Install it (pipx install keyring), or set UV_KEYRING_PROVIDER=disabled and put the credentials into ~/.netrc.',
  ]);
}
