import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rejected, run, temporaryFolder } from '@pinpack/testing';
import { readFileSync } from 'node:fs';
import { readOsv } from './osv-source.js';

function text(id: string, name = 'demo', ecosystem = 'PyPI'): string {
  const affected = [{ package: { ecosystem, name }, versions: ['1.0'] }];
  return JSON.stringify({ id, modified: '2026-11-20T10:00:00Z', affected });
}

const FILES = { 'a/1.json': text('CVE-1'), '2.json': text('CVE-2', 'other'), '3.json': text('CVE-3', 'demo', 'npm') };
const NAMES = new Set(['demo']);
const at = temporaryFolder();
const folder = join(at, 'osv');
const archive = join(at, 'all.zip');

beforeAll(() => {
  mkdirSync(join(folder, 'a'), { recursive: true });
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'broken.json'), '{"ecosystem": "PyPI", "id": ');
  writeFileSync(join(folder, 'README.md'), 'PyPI');
  run('python3', ['-m', 'zipfile', '-c', archive, 'a/1.json', '2.json', '3.json', 'broken.json'], { cwd: folder });
});

const source = (from: string) => ({ from, root: at, cache: join(at, 'cache'), names: NAMES });

describe('OSV data', () => {
  test.each(['osv', 'all.zip', `file://${archive}`])(
    'of %s are the records of the wanted distributions',
    async (from) => {
      const { records, description, warnings } = await readOsv(source(from));
      expect(records.map(({ id }) => id)).toEqual(['CVE-1']);
      expect(description).toBe(`${from}: 2 records, the newest of 2026-11-20`);
      expect(warnings).toEqual([
        expect.stringMatching(/broken\.json is not a vulnerability in OSV format, which are ignored$/),
      ]);
    },
  );

  test('that are not there are an error, for "no vulnerability" would be a lie', async () => {
    mkdirSync(join(at, 'empty'));
    writeFileSync(join(at, 'not.zip'), 'PyPI');
    expect(await rejected(() => readOsv(source('missing')))).toMatch(/^PINPACK_OSV_UNREADABLE missing: does not exist/);
    expect(await rejected(() => readOsv(source('empty')))).toMatch(/empty: has no vulnerability of the ecosystem PyPI/);
    expect(await rejected(() => readOsv(source('not.zip')))).toMatch(/PINPACK_OSV_UNREADABLE not\.zip: /);
  });
});

describe('OSV data of a URL', () => {
  let server: Server;
  let url: string;
  const asked: (string | undefined)[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.headers['if-none-match']);
      if (request.headers['if-none-match'] === '"one"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"one"' }).end(readFileSync(archive));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/all.zip?token=secret`;
  });
  afterAll(() => {
    server.close();
  });

  test('are downloaded once, and serve without a network afterwards, unless they were damaged', async () => {
    const ids = async () => (await readOsv(source(url))).records.map(({ id }) => id);
    expect([await ids(), await ids(), asked]).toEqual([['CVE-1'], ['CVE-1'], [undefined, '"one"']]);
    await new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    const { records, warnings, description } = await readOsv(source(url));
    expect(records.map(({ id }) => id)).toEqual(['CVE-1']);
    expect(warnings[0]).toMatch(/ECONNREFUSED.*; using the copy of \d{4}-\d{2}-\d{2}$/);
    expect([...warnings, description].join()).not.toContain('secret');
    const [file = ''] = readdirSync(join(at, 'cache/osv')).filter((name) => name.endsWith('.zip'));
    writeFileSync(join(at, 'cache/osv', file), 'damaged');
    const message = await rejected(() => readOsv(source(url)));
    expect(message).toMatch(/ECONNREFUSED.*\n.*There is no copy of an earlier run either/);
    expect(message).not.toContain('secret');
  });
});
