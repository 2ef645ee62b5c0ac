import { expect, test } from 'vitest';
import { encodingIssue, withoutMark } from './text-encoding.js';

const TEXT = '[project]\nname = "café"\n';

test.each([
  ['utf16le', Buffer.from(TEXT, 'utf16le'), /NUL bytes.*\n.*iconv -f UTF-16 -t UTF-8 a\.toml/],
  ['latin1', Buffer.from(TEXT, 'latin1'), /is not UTF-8\n.*iconv -f ISO-8859-1/],
])('%s is named, with the command that converts it', (_, bytes, expected) => {
  expect(encodingIssue(bytes.toString('utf8'), 'a.toml')?.join('\n')).toMatch(expected);
});

test('UTF-8 has no issue, with a byte order mark neither', () => {
  expect(encodingIssue(TEXT, 'a.toml')).toBeUndefined();
  expect(withoutMark(`\uFEFF${TEXT}`)).toBe(TEXT);
  expect(encodingIssue(`\uFEFF${TEXT}`, 'a.toml')).toBeUndefined();
});
