import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { LayerEntry } from '@pinpack/oci-image';
import { encodeRpm, packPayload, type Compression, type RpmEntry } from '@pinpack/rpm-gen';
import { readRpmEntries, readRpmFacts, readWheelEntries } from './rpm-entries.js';

const folder = mkdtempSync(join(tmpdir(), 'pinpack-read-rpm-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(path: string, text: string, mode = 0o644): RpmEntry {
  const data = Buffer.from(text);
  return { path, kind: 'file', mode, size: data.length, read: () => ({ data }) };
}

async function writeRpm(entries: RpmEntry[], compression: Compression): Promise<string> {
  const path = join(folder, `${compression.kind}.rpm`);
  const spec = {
    name: 'sample',
    version: '1.0',
    release: '2',
    architecture: 'noarch' as const,
    summary: 'A sample',
    description: 'A sample',
    license: 'MIT',
    buildTime: 0,
    buildHost: 'localhost',
    requires: [{ name: 'libc.so.6()(64bit)' }],
    scriptlets: {},
    changelog: [],
  };
  writeFileSync(path, Buffer.concat(encodeRpm(spec, await packPayload(entries, compression)).chunks));
  return path;
}

const ENTRIES: RpmEntry[] = [
  { path: '/usr/lib/pinpack', kind: 'directory', mode: 0o755, size: 0 },
  file('/usr/lib/pinpack/a', 'content', 0o755),
  file('/usr/lib/pinpack/empty', ''),
  { path: '/usr/lib/pinpack/link', kind: 'symlink', mode: 0o777, target: '../a', size: 0 },
  { path: '/var/lib/ghost', kind: 'file', ghost: true, mode: 0o644, size: 0 },
];

describe('readRpmEntries', () => {
  test.each<Compression>([{ kind: 'zstd', level: 3 }, { kind: 'none' }])(
    'lists the files that the RPM installs: $kind',
    async (compression) => {
      const facts = await readRpmFacts(await writeRpm(ENTRIES, compression));
      expect(facts).toMatchObject({ name: 'sample', version: '1.0', release: '2', architecture: 'noarch', size: 11 });
      expect(facts.requires).toContain('libc.so.6()(64bit)');
      const common = { mtime: 315_532_800 };
      expect(await readRpmEntries(facts)).toEqual<LayerEntry[]>([
        { ...common, path: 'usr/lib/pinpack', kind: 'directory', mode: 0o755 },
        { ...common, path: 'usr/lib/pinpack/a', kind: 'file', mode: 0o755, data: Buffer.from('content') },
        { ...common, path: 'usr/lib/pinpack/empty', kind: 'file', mode: 0o644, data: Buffer.alloc(0) },
        { ...common, path: 'usr/lib/pinpack/link', kind: 'symlink', mode: 0o777, target: '../a' },
      ]);
    },
  );

  test('refuses an RPM that changed since its facts were read', async () => {
    const path = await writeRpm(ENTRIES, { kind: 'none' });
    const facts = await readRpmFacts(path);
    const data = readFileSync(path);
    data[data.length - 400] = (data[data.length - 400] ?? 0) ^ 1;
    writeFileSync(path, data);
    await expect(readRpmEntries(facts)).rejects.toMatchObject({ code: 'PINPACK_IMAGE_PAYLOAD' });
  });
});

describe('readWheelEntries', () => {
  test('leaves an RPM of layout tree as it is', async () => {
    const facts = await readRpmFacts(await writeRpm(ENTRIES, { kind: 'none' }));
    expect(await readWheelEntries(facts)).toEqual(await readRpmEntries(facts));
  });
});
