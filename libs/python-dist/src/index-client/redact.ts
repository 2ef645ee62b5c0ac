// URLs as messages may show them. An index's URL may carry a user's password or a token.

/** Without credentials, query and fragment; a text that is no URL is not shown at all. */
export function redact(url: string): string {
  if (!URL.canParse(url)) return '(a text that is no URL)';
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.search = '';
  shown.hash = '';
  return shown.href;
}
