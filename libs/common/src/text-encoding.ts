// Recognizes text files that are not UTF-8. A parser would name the first character, which is not the cause.

/**
 * What is wrong with the encoding of a file, in two lines, the second of which converts it; undefined for UTF-8.
 *
 * @param text - the file decoded as UTF-8: other encodings leave NUL or replacement characters
 */
export function encodingIssue(text: string, file: string): string[] | undefined {
  const isWide = text.includes('\0');
  if (!isWide && !text.includes('\uFFFD')) return undefined;
  const encoding = isWide ? 'UTF-16' : 'ISO-8859-1';
  return [
    `is not UTF-8${isWide ? ': it has NUL bytes, as files in UTF-16 have' : ''}`,
    `Convert it, for example: iconv -f ${encoding} -t UTF-8 ${file} > converted`,
  ];
}

/** Editors of Windows write a byte order mark in front of UTF-8. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
