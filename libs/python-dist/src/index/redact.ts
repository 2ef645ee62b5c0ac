// URLs as messages may show them. An index's URL may carry a user's password or a token.

/** Without credentials, query and fragment; a text that is no http or https URL is not shown at all. */
export function redact(url: string): string {
  if (!isWebUrl(url)) return '(no http or https URL)';
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
