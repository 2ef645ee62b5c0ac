/** Mutated pages of indexes: each is read or refused with a typed error. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzz, fuzzOptions, fuzzParameters } from '@pinpack/testing';
import { DistError } from '../dist-error.js';
import { simplePages } from '../index-pages/pages.js';
import { parseHtmlPage, parseJsonPage, type IndexFile } from './simple-page.js';
import { parseNetrc } from './netrc.js';
import { parseIni } from './ini-file.js';

const BASE = 'https://index.example/simple/demo/';
const SHA256 = 'ab'.repeat(32);

const WHEELS = ['1.0', '1.1'].map((version) => ({
  name: 'demo',
  version,
  fileName: `demo-${version}-py3-none-any.whl`,
  size: 10,
  sha256: SHA256,
  requiresPython: '>=3.8,<4',
  metadataSha256: SHA256,
  folder: '../../wheels',
}));
const PAGES = simplePages(WHEELS).map(({ content }) => Buffer.from(content));

function check(parse: () => IndexFile[]): void {
  try {
    for (const { name, url, sha256, size } of parse()) {
      expect([typeof name, URL.canParse(url), typeof (sha256 ?? ''), (size ?? 1) > 0]).toEqual([
        'string',
        true,
        'string',
        true,
      ]);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(DistError);
  }
}

test('a mutated page is read or refused', fuzzOptions(1000), async () => {
  const yanked = Buffer.from(
    `<base href="http://[x"><a data-yanked="" data-core-metadata="sha256=${SHA256}" href="/a%zz.whl#sha256=${SHA256}">a</a>`,
  );
  await fuzz({ samples: [...PAGES, yanked], usual: 1000 }, (data) => {
    const text = data.toString('utf8');
    check(() => parseHtmlPage(text, BASE));
    check(() => parseJsonPage(text, BASE));
  });
});

describe('any text', () => {
  test(
    'is a page or refused',
    () => {
      const value = fc.jsonValue({ maxDepth: 3 });
      const file = fc.record({
        filename: fc.oneof(fc.string(), value),
        url: fc.oneof(fc.webUrl(), fc.string()),
        hashes: value,
        size: value,
        'core-metadata': value,
        yanked: value,
      });
      fc.assert(
        fc.property(fc.oneof(value, fc.record({ files: fc.array(file) })), (page) => {
          check(() => parseJsonPage(JSON.stringify(page), BASE));
          check(() => parseHtmlPage(JSON.stringify(page), BASE));
        }),
        fuzzParameters(500),
      );
    },
    fuzzOptions(500).timeout,
  );

  test(
    'is a netrc or pip.conf, as far as it is one',
    () => {
      const unit = fc.constantFrom(
        ...'machine login password default macdef\n"\\# \t[]=:'.split(''),
        'machine ',
        'login ',
        'password ',
        '[global]\n',
      );
      fc.assert(
        fc.property(fc.string({ unit, maxLength: 120 }), (text) => {
          for (const { username, password } of parseNetrc(text).values())
            expect(typeof username + typeof password).toBe('stringstring');
          parseIni(text);
        }),
        fuzzParameters(500),
      );
    },
    fuzzOptions(500).timeout,
  );

  test('is read in linear time and bounded memory', { timeout: 120_000 }, () => {
    // In quadratic time these would take minutes.
    for (const piece of ['<b>', '<b><i>', '</b>']) check(() => parseHtmlPage(piece.repeat(500_000), BASE));
    for (const piece of [
      '<a>',
      '<a href=x>',
      '<',
      '</b>',
      '<!--',
      '<b><i>',
      '&amp',
      '<a href="',
      '[',
      '{"files":',
      '"',
      '<base href=x>',
      '<script>',
      '<svg>',
      '<p>',
    ]) {
      const text = piece.repeat(20_000);
      check(() => parseHtmlPage(text, BASE));
      check(() => parseJsonPage(text, BASE));
      parseNetrc(`machine ${text}`);
    }
  });
});
