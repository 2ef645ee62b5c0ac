import { expect, it } from 'vitest';
import {
  escapeControlCharacters,
  hasControlCharacters,
  hasControlCharactersInLines,
  removeControlCharacters,
} from './control-characters.js';

const C0_DEL_C1 = [...Array(0x20).keys(), ...Array.from({ length: 0x21 }, (_, index) => 0x7f + index)];
const DIRECTIONS = [0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069];

it.each([...C0_DEL_C1, ...DIRECTIONS])('recognizes, removes and escapes U+%i', (code) => {
  const character = String.fromCharCode(code);
  const text = `a${character}b`;
  expect(hasControlCharacters(text)).toBe(true);
  expect(hasControlCharactersInLines(text)).toBe(character !== '\n' && character !== '\t');
  expect(hasControlCharacters(removeControlCharacters(text))).toBe(false);
  expect(hasControlCharactersInLines(escapeControlCharacters(text))).toBe(false);
});

it.each(['plain', 'Größe – naïve', 'עברית', '日本語', '👩‍💻', 'e\u0301'])('leaves %s as it is', (text) => {
  expect(hasControlCharacters(text)).toBe(false);
  expect([removeControlCharacters(text), escapeControlCharacters(text)]).toEqual([text, text]);
});

it('keeps lines in messages and joins them in values', () => {
  expect(escapeControlCharacters('a\n\tb\u001b[31m\u202e')).toBe('a\n\tb\\u001b[31m\\u202e');
  expect(removeControlCharacters('  a\n\u000b b\u0000c\u001b[0m ')).toBe('a bc[0m');
});
