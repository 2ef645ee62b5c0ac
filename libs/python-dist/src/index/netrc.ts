// Finds credentials in a netrc file (Python's `netrc` module), in which pip and uv look for hosts without credentials in their URL.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readIfExists } from '../files/optional-file.js';

export interface Credentials {
  username: string;
  password: string;
}

/** The credentials by host; `default` applies to every other host. */
export type Netrc = ReadonlyMap<string, Credentials>;

/** Reads `NETRC`, or `~/.netrc`. A file that cannot be read counts as absent, as in pip. */
export async function readNetrc(environment: Record<string, string | undefined>): Promise<Netrc> {
  const file = environment.NETRC ?? join(environment.HOME ?? homedir(), '.netrc');
  return parseNetrc((await readIfExists(file).catch(() => undefined)) ?? '');
}

/** Parses `machine host login user password secret` in any layout. Macros and unknown words are skipped. */
export function parseNetrc(text: string): Netrc {
  const found = new Map<string, Credentials>();
  const words = text.replaceAll(/^\s*macdef\b[\s\S]*?(?:\n\s*\n|$(?![\s\S]))/gm, '\n').matchAll(TOKEN);
  let current: Credentials | undefined;
  const next = (): string => unquote(words.next().value?.[0] ?? '');
  for (const [word] of words) {
    if (word.startsWith('#')) continue;
    if (word === 'machine' || word === 'default') {
      const host = word === 'default' ? '' : next().toLowerCase();
      current = { username: '', password: '' };
      found.set(host, current);
    } else if (word === 'login' || word === 'user') {
      if (current !== undefined) current.username = next();
    } else if (word === 'password') {
      if (current !== undefined) current.password = next();
    }
  }
  return found;
}

/** The credentials for a host. */
export function credentialsFor(netrc: Netrc, host: string): Credentials | undefined {
  return netrc.get(host.toLowerCase()) ?? netrc.get('');
}

/** A comment starts a word and goes to the end of the line. Quoted words may have spaces. */
const TOKEN = /#[^\n]*|"(?:[^"\\]|\\.)*"|\S+/g;

function unquote(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/g, '$1') : word;
}
