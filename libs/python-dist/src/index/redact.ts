// Separates secrets from URLs: the URL of an index may contain a password or a token.
import type { Credentials } from './netrc.js';

/** Without credentials, query and fragment. A text that is not an http or https URL is replaced completely. */
export function redact(url: string): string {
  if (!isWebUrl(url)) return '(not an http or https URL)';
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.search = '';
  shown.hash = '';
  return shown.href;
}

export function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Separates the URL and its credentials. A part that is not percent-encoded correctly is used as it is. */
export function splitCredentials(url: string): { url: string; credentials?: Credentials } {
  const parsed = new URL(url);
  const { username, password } = parsed;
  if (username === '' && password === '') return { url };
  parsed.username = '';
  parsed.password = '';
  return { url: parsed.href, credentials: { username: decode(username), password: decode(password) } };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
