import { expect, test } from 'vitest';
import { askPython, packagingPython } from '@pinpack/testing';
import { parseIni } from './ini-file.js';

const READ = `
import configparser
def read(text):
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return {name: dict(parser.items(name)) for name in parser.sections()}
results = [read(text) for text in cases]`;

const CASES = [
  '',
  '# only a comment\n; and another\n',
  '[global]\nindex-url = https://a.example/simple\n',
  '[global]\nindex-url: https://a.example:8080/simple?x=1;y=2#z\n',
  '[Global]\nIndex-URL=https://a.example/simple\n[install]\n\n[global]\nkey = value\n',
  '[global]\nextra-index-url =\n    https://a.example/simple\n    https://b.example/simple\n\ntimeout = 3\n',
  '[global]\nextra-index-url = https://a.example/simple\n  # a comment\n\thttps://b.example/simple\n',
  '[global]\n  index-url = https://a.example/simple\n  timeout = 3\n    4\n',
  '[global]\r\nindex-url = "quoted"\r\ncert = /a b/c.pem\r\n',
  '[global]\nempty =\nnext = https://me:s%40cret@a.example/simple\n',
  '[install]\nno-index = yes\n[download]\n[x.y]\na.b = c\n',
];

test('reads what configparser reads', async (context) => {
  const python = await packagingPython(context);
  const found = CASES.map((text) =>
    Object.fromEntries([...parseIni(text)].map(([name, settings]) => [name, Object.fromEntries(settings)])),
  );
  expect(found).toEqual(await askPython(python, READ, CASES));
});

test('ignores lines that configparser would reject: pip reports them', () => {
  expect(parseIni('stray = 1\n[global]\nno value\nkey = x\n')).toEqual(new Map([['global', new Map([['key', 'x']])]]));
});
