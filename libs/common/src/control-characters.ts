// Characters that change how a terminal or a program reads a text, and that metadata from elsewhere must not bring along: control characters
// (C0, DEL, C1), line and paragraph separators, and the directional formatting characters of Unicode (UAX #9), which reorder what is displayed.

const FORBIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff]/gu;
const EXCEPT_LINES = /[^\n\t]/;

/** Whether a text of one line has any. */
export function hasControlCharacters(text: string): boolean {
  return text.search(FORBIDDEN) >= 0;
}

/** Whether a text of several lines has any but newlines and tabs. */
export function hasControlCharactersInLines(text: string): boolean {
  return (text.match(FORBIDDEN) ?? []).some((character) => EXCEPT_LINES.test(character));
}

/** A text of one line without them. Separators of words and lines become a space. */
export function removeControlCharacters(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').replaceAll(FORBIDDEN, '').trim();
}

/** The text as a terminal shows it unchanged: `\u001b` instead of ESC. Newlines and tabs stay. */
export function escapeControlCharacters(text: string): string {
  return text.replaceAll(FORBIDDEN, (character) =>
    EXCEPT_LINES.test(character) ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character,
  );
}
