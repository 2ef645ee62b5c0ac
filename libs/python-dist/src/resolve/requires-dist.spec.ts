import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IndexClient } from '../index/index-client.js';
import { indexesAt } from '../index/index-configuration.js';
import type { Chosen } from './chosen.js';
import { IndexServer } from './index-server.fixture.js';
import { readRequiresDist } from './requires-dist.js';

const OFFERED = [
  { fileName: 'plain-1.0-py3-none-any.whl', requires: ['arrays<3'], metadata: false },
  { fileName: 'beside-1.0-py3-none-any.whl', requires: ['arrays', 'plots; extra == "x"'] },
];
const EXPECTED = { plain: ['arrays<3'], beside: ['arrays', 'plots; extra == "x"'] };

let server: IndexServer;
let cache: string;

beforeEach(async () => {
  server = await IndexServer.start(OFFERED);
  cache = mkdtempSync(join(tmpdir(), 'pinpack-cache-'));
});
afterEach(() => {
  server.stop();
  rmSync(cache, { recursive: true });
});

async function read(): Promise<Record<string, string[]>> {
  const index = IndexClient.of(indexesAt(server.url));
  const pins = ['plain', 'beside'].map(async (name): Promise<Chosen> => {
    const [file] = await IndexClient.of(indexesAt(server.url)).files(name);
    const { name: fileName = '', url = '', size = 0, sha256 = '' } = file ?? {};
    return { name, version: '1.0', wheel: { name: fileName, url, size, sha256 } };
  });
  const chosen = await Promise.all(pins);
  server.asked.length = 0;
  return readRequiresDist({ index, cache }, chosen);
}

describe('readRequiresDist', () => {
  it('reads the metadata file or the wheel, once', async () => {
    expect(await read()).toEqual(EXPECTED);
    expect([...server.asked].sort()).toEqual([
      '/files/beside-1.0-py3-none-any.whl.metadata',
      '/files/plain-1.0-py3-none-any.whl',
      '/simple/beside/',
      '/simple/plain/',
    ]);
    expect(await read()).toEqual(EXPECTED);
    expect(server.asked).toEqual([]);
  });

  it.each(['', '{}', '{"sha256": "00", "text": "[]"}'])(
    'reads again if the cache file is damaged: %j',
    async (text) => {
      await read();
      for (const file of readdirSync(join(cache, 'requires-dist')))
        writeFileSync(join(cache, 'requires-dist', file), text);
      expect(await read()).toEqual(EXPECTED);
      expect(server.asked).toHaveLength(4);
    },
  );

  it('does not use the cache of another index', async () => {
    await read();
    server.stop();
    server = await IndexServer.start(OFFERED.map((wheel) => ({ ...wheel, metadata: true })));
    expect(await read()).toEqual(EXPECTED);
    expect(server.asked).toHaveLength(4);
  });
});
