// Removes secrets from URLs for messages: the URL of an index may contain a password or a token.

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
