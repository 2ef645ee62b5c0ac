import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { IndexedWheel } from './indexed-wheel.js';
import { FIND_LINKS, simplePages } from './pages.js';

function wheel(fileName: string, facts: Partial<IndexedWheel> = {}): IndexedWheel {
  const [name = '', version = ''] = fileName.split('-');
  const sha256 = 'ab'.repeat(32);
  return { name: name.replaceAll('_', '-'), version, fileName, size: 12, sha256, folder: '../../wheels', ...facts };
}

const NUMPY = wheel('numpy-2.4.6-cp311-cp311-linux_x86_64.whl', {
  requiresPython: '>=3.11,<4',
  metadataSha256: 'cd'.repeat(32),
});
const WHEELS = [
  wheel('torch-2.10.0+cpu-py3-none-any.whl'),
  NUMPY,
  wheel('numpy-2.4.10-py3-none-any.whl', { folder: '../../releases/1/wheels' }),
  wheel('an_example-1.0rc1-py3-none-any.whl'),
];

function contentOf(path: string, wheels = WHEELS): string {
  return simplePages(wheels).find((page) => page.path === path)?.content ?? '';
}

describe('the pages of a simple index', () => {
  test('do not depend on the order of the wheels', () => {
    expect(simplePages([...WHEELS].reverse())).toEqual(simplePages(WHEELS));
    expect(simplePages(WHEELS).map(({ path }) => path)).toEqual([
      'simple/index.html',
      'simple/index.json',
      'find-links.html',
      ...['an-example', 'numpy', 'torch'].flatMap((name) => [`simple/${name}/index.html`, `simple/${name}/index.json`]),
    ]);
  });

  test('list all projects', () => {
    expect(JSON.parse(contentOf('simple/index.json'))).toEqual({
      meta: { 'api-version': '1.1' },
      projects: [{ name: 'an-example' }, { name: 'numpy' }, { name: 'torch' }],
    });
    expect(contentOf('simple/index.html').match(/<a .*/g)).toEqual([
      '<a href="an-example/">an-example</a><br>',
      '<a href="numpy/">numpy</a><br>',
      '<a href="torch/">torch</a><br>',
    ]);
  });

  test('list the files of a project, oldest version first', () => {
    const metadata = { sha256: 'cd'.repeat(32) };
    expect(JSON.parse(contentOf('simple/numpy/index.json'))).toEqual({
      meta: { 'api-version': '1.1' },
      name: 'numpy',
      versions: ['2.4.6', '2.4.10'],
      files: [
        {
          filename: NUMPY.fileName,
          url: `../../wheels/${NUMPY.fileName}`,
          hashes: { sha256: NUMPY.sha256 },
          'requires-python': '>=3.11,<4',
          size: 12,
          'core-metadata': metadata,
          'data-dist-info-metadata': metadata,
        },
        {
          filename: 'numpy-2.4.10-py3-none-any.whl',
          url: '../../releases/1/wheels/numpy-2.4.10-py3-none-any.whl',
          hashes: { sha256: NUMPY.sha256 },
          size: 12,
        },
      ],
    });
    expect(/<a .*/.exec(contentOf('simple/numpy/index.html'))?.[0]).toBe(
      `<a href="../../wheels/${NUMPY.fileName}#sha256=${NUMPY.sha256}" data-requires-python="&gt;=3.11,&lt;4"` +
        ` data-core-metadata="sha256=${metadata.sha256}" data-dist-info-metadata="sha256=${metadata.sha256}">${NUMPY.fileName}</a><br>`,
    );
  });

  test('escape a local version, because S3 reads a plus as a space', () => {
    expect(contentOf('simple/torch/index.html')).toContain('"../../wheels/torch-2.10.0%2Bcpu-py3-none-any.whl#sha256=');
    expect(contentOf('simple/torch/index.html')).toContain('>torch-2.10.0+cpu-py3-none-any.whl<');
  });

  test('include one page with all wheels, by relative paths', () => {
    const links = [...contentOf(FIND_LINKS).matchAll(/href="([^#"]+)/g)].map(([, href]) => href);
    expect(links).toEqual([
      'wheels/an_example-1.0rc1-py3-none-any.whl',
      'wheels/numpy-2.4.6-cp311-cp311-linux_x86_64.whl',
      'releases/1/wheels/numpy-2.4.10-py3-none-any.whl',
      'wheels/torch-2.10.0%2Bcpu-py3-none-any.whl',
    ]);
  });
});

/** The Python of .venv, with its pip. */
const PYTHON = fileURLToPath(new URL('../../../../.venv/bin/python', import.meta.url));
const MISSING = existsSync(PYTHON) ? '' : ' (skipped: .venv is missing, `npm run setup` creates it)';

describe.skipIf(MISSING !== '')(`pip${MISSING}`, () => {
  test.each(['html', 'json'])('reads the %s pages: hashes, sizes, Requires-Python, metadata', async (kind) => {
    const python = PYTHON;
    const url = await serve(kind);
    const script = `
import json, sys
from pip._internal.index.collector import LinkCollector
from pip._internal.models.search_scope import SearchScope
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.network.session import PipSession
scope = SearchScope.create([], [sys.argv[1] + '/simple'], no_index=False)
finder = PackageFinder.create(LinkCollector(PipSession(), scope), SelectionPreferences(allow_yanked=False))
print(json.dumps([{
  'file': c.link.filename, 'sha256': c.link.hash, 'python': c.link.requires_python,
  'metadata': c.link.metadata_file_data.hashes if c.link.metadata_file_data else None,
  'metadata_url': c.link.metadata_link().url if c.link.metadata_link() else None,
  'url': c.link.url_without_fragment} for c in finder.find_all_candidates(sys.argv[2])]))`;
    const ask = async (name: string) => {
      const { stdout } = await execa(python, ['-I', '-c', script, url, name]);
      return JSON.parse(stdout) as { file: string; [fact: string]: unknown }[];
    };
    const numpy = await ask('numpy');
    expect(numpy).toContainEqual({
      file: NUMPY.fileName,
      sha256: NUMPY.sha256,
      python: '>=3.11,<4',
      metadata: { sha256: NUMPY.metadataSha256 },
      metadata_url: `${url}/wheels/${NUMPY.fileName}.metadata`,
      url: `${url}/wheels/${NUMPY.fileName}`,
    });
    expect(numpy).toHaveLength(2);
    expect(await ask('torch')).toMatchObject([
      { file: 'torch-2.10.0+cpu-py3-none-any.whl', url: `${url}/wheels/torch-2.10.0%2Bcpu-py3-none-any.whl` },
    ]);
    expect(await ask('none')).toEqual([]);
  });
});

/** A web server that serves index pages of one kind. */
async function serve(kind: string): Promise<string> {
  const pages = new Map(simplePages(WHEELS).map((page) => [`/${page.path}`, page]));
  const server = createServer(({ url = '' }, answer) => {
    const page = pages.get(url.endsWith('/') ? `${url}index.${kind}` : url);
    if (page === undefined) answer.writeHead(404).end();
    else answer.writeHead(200, { 'content-type': page.contentType }).end(page.content);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
