/** Texts that a header can hold, and texts of a caller in messages. */
import {
  escapeControlCharacters,
  hasControlCharacters,
  hasControlCharactersInLines,
} from '@pinpack/common/control-characters';

/** Text that UTF-8 can hold, with newlines and tabs. */
export function isText(text: string): boolean {
  return !hasControlCharactersInLines(text) && !/\p{Surrogate}/u.test(text);
}

export function isLine(text: string): boolean {
  return !hasControlCharacters(text) && !/\p{Surrogate}/u.test(text);
}

/** In quotes and without characters that a terminal would interpret. */
export function show(text: string): string {
  return escapeControlCharacters(JSON.stringify(text));
}
