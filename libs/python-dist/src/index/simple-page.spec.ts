import { describe, expect, test } from 'vitest';
import { thrown } from '@pinpack/testing';
import { parseHtmlPage, parseJsonPage, type IndexFile } from './simple-page.js';

const BASE = 'https://index.example/root/simple/demo/';
const SHA256 = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);

function anchor(attributes: string, name = 'demo-1.0-py3-none-any.whl'): string {
  return `<!DOCTYPE html><html><body><a ${attributes}>${name}</a><br/></body></html>`;
}

function json(file: object): string {
  return JSON.stringify({ meta: { 'api-version': '1.0' }, name: 'demo', files: [file] });
}

const PLAIN: IndexFile = {
  name: 'demo-1.0-py3-none-any.whl',
  url: 'https://files.example/demo-1.0-py3-none-any.whl',
  yanked: false,
};

/** The same file in both formats. */
const CASES: [string, string, object, Partial<IndexFile>][] = [
  ['neither digest nor size', `href="${PLAIN.url}"`, {}, {}],
  ['a digest', `href="${PLAIN.url}#sha256=${SHA256}"`, { hashes: { sha256: SHA256 } }, { sha256: SHA256 }],
  ['a digest of another kind', `href="${PLAIN.url}#md5=abc"`, { hashes: { md5: 'abc' } }, {}],
  ['metadata', `href="${PLAIN.url}" data-core-metadata="true"`, { 'core-metadata': true }, { metadata: {} }],
  [
    'metadata and its digest',
    `href="${PLAIN.url}" data-core-metadata="sha256=${OTHER}"`,
    { 'core-metadata': { sha256: OTHER } },
    { metadata: { sha256: OTHER } },
  ],
  [
    'metadata by its older name',
    `href="${PLAIN.url}" data-dist-info-metadata="sha256=${OTHER}"`,
    { 'data-dist-info-metadata': { sha256: OTHER } },
    { metadata: { sha256: OTHER } },
  ],
  ['no metadata', `href="${PLAIN.url}" data-core-metadata="false"`, { 'core-metadata': false }, {}],
  ['a yank', `href="${PLAIN.url}" data-yanked`, { yanked: true }, { yanked: true }],
  [
    'a yank with a reason',
    `href="${PLAIN.url}" data-yanked="broken"`,
    { yanked: 'broken' },
    { yanked: true, yankedReason: 'broken' },
  ],
  ['no yank', `href="${PLAIN.url}"`, { yanked: false }, {}],
];

describe('both formats of a page', () => {
  test.each(CASES)('contain %s', (_, html, file, expected) => {
    const whole = [{ ...PLAIN, ...expected }];
    expect(parseHtmlPage(anchor(html), BASE)).toEqual(whole);
    expect(parseJsonPage(json({ filename: PLAIN.name, url: PLAIN.url, hashes: {}, ...file }), BASE)).toEqual(whole);
  });

  test.each([
    ['../../files/demo-1.0-py3-none-any.whl', 'https://index.example/root/files/demo-1.0-py3-none-any.whl'],
    ['/demo-1.0-py3-none-any.whl', 'https://index.example/demo-1.0-py3-none-any.whl'],
    ['demo-1.0-py3-none-any.whl', `${BASE}demo-1.0-py3-none-any.whl`],
  ])('resolve the relative URL %s', (url, expected) => {
    expect(parseHtmlPage(anchor(`href="${url}"`), BASE)[0]?.url).toBe(expected);
    expect(parseJsonPage(json({ filename: 'x', url }), BASE)[0]?.url).toBe(expected);
  });

  test('keep the index’s credentials for relative URLs', () => {
    const base = 'https://me:secret@index.example/simple/demo/';
    expect(parseHtmlPage(anchor('href="../x-1-py3-none-any.whl"'), base)[0]?.url).toBe(
      'https://me:secret@index.example/simple/x-1-py3-none-any.whl',
    );
  });
});

describe('parseHtmlPage', () => {
  test('uses <base>, decodes names and entities, ignores anchors without a file', () => {
    const page = [
      '<base href="https://mirror.example/x/">',
      '<A HREF="demo-1.0%2Bcpu-py3-none-any.whl?a=1&amp;b=2" >any text</A>',
      '<a name="top"></a>',
    ].join('\n');
    expect(parseHtmlPage(page, BASE)).toEqual([
      {
        name: 'demo-1.0+cpu-py3-none-any.whl',
        url: 'https://mirror.example/x/demo-1.0%2Bcpu-py3-none-any.whl?a=1&b=2',
        yanked: false,
      },
    ]);
  });

  test('finds no files on an empty page', () => {
    expect(parseHtmlPage('', BASE)).toEqual([]);
  });

  test('ignores invalid links', () => {
    expect(parseHtmlPage('<a href="https://">x</a><a href="%E0%A4.whl">y</a>', BASE)).toEqual([]);
  });
});

describe('parseJsonPage', () => {
  test('reads the size', () => {
    expect(parseJsonPage(json({ filename: 'x', url: 'x', size: 12 }), BASE)[0]?.size).toBe(12);
  });

  test('ignores optional fields of another type, and files whose URL is invalid', () => {
    const files = [
      { filename: 'x', url: 'x', size: null, hashes: null, yanked: null, 'core-metadata': 'yes' },
      { filename: 'y', url: 'https://' },
    ];
    expect(parseJsonPage(JSON.stringify({ files }), BASE)).toEqual([{ name: 'x', url: `${BASE}x`, yanked: false }]);
  });

  test.each(['', '<html>', '[]', 'null', '{}', '{"files": {}}', '{"files": [3]}', '{"files": [{"filename": "x"}]}'])(
    'rejects %j',
    (text) => {
      expect(thrown(() => parseJsonPage(text, 'https://me:secret@index.example/simple/demo/?token=secret'))).toBe(
        [
          'DIST_INDEX_PAGE_INVALID https://index.example/simple/demo/: is not a page of a simple index (PEP 691)',
          'Check that the configured URL is that of a simple index (PIP_INDEX_URL, pip.conf or uv.toml).',
        ].join('\n  '),
      );
    },
  );
});
