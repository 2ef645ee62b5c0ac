import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { CanonicalWheelDigest, canonicalWheelSize, encodeCanonicalWheel, readContents } from './canonical-wheel.js';
import { installedPythons } from '@pinpack/testing';
import { openWheel } from './wheel.js';
import type { WheelEntry } from '../zip/zip-files.js';
import { type FixtureWheel, writeTemporary, writeWheel } from './wheel.fixture.js';

/** As on the target, by zipfile: the files of RECORD, sorted, stored, with fixed times and modes. */
const REWRITE = `
import sys, zipfile
source, target = sys.argv[1:]
with zipfile.ZipFile(source) as wheel, zipfile.ZipFile(target, "w") as canonical:
    names = [n for n in wheel.namelist() if not n.endswith(("/", "RECORD.jws", "RECORD.p7s"))]
    for name in sorted(names, key=lambda n: n.encode("utf-8")):
        executable = wheel.getinfo(name).external_attr >> 16 & 0o111
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.create_system = 3
        info.external_attr = (0o100755 if executable else 0o100644) << 16
        canonical.writestr(info, wheel.read(name))`;

const WHEELS: Record<string, FixtureWheel> = {
  'a small wheel': {},
  'names beyond ASCII, in UTF-8 order': {
    files: ['demo/\u{1F600}.py', 'demo/\uFF5E.py', 'demo/é.py', 'demo/e\u0301.py', 'demo/z'].map((name) => ({
      name,
      data: name,
    })),
  },
  'modes, folders and signatures': {
    files: [0o100755, 0o100744, 0o100645, 0o100600, 0o104777, 0].map((mode) => ({
      name: `demo/${mode}`,
      mode,
      data: 'x',
    })),
    unlisted: [
      { name: 'demo/', mode: 0o040755 },
      { name: 'demo-1.0.dist-info/RECORD.jws', data: '{}' },
    ],
  },
};

const PYTHONS = installedPythons();

describe('the canonical wheel', () => {
  describe.each(Object.entries(WHEELS))('of %s', (_, fixture) => {
    test.skipIf(PYTHONS.length === 0).each(PYTHONS)(
      'is identical to the output of zipfile of %s (skipped without a Python)',
      async (python) => {
        const source = writeWheel(fixture);
        const expected = await rewriteWithPython(python, source);
        const found = await canonicalBytes(source);
        expect(found.bytes.equals(expected)).toBe(true);
        expect(found.summary).toEqual({ sha256: sha256(expected), size: expected.length });
        expect(found.announced).toBe(expected.length);
      },
    );
  });

  test('does not depend on order, compression, times or comments of the wheel', async () => {
    const files = [
      { name: 'a', data: 'a'.repeat(1000) },
      { name: 'b', data: 'b' },
    ];
    const first = await canonicalBytes(writeWheel({ files }));
    const packed = files.map((entry) => ({
      ...entry,
      method: 0,
      extra: Buffer.from('\x55\x54\x05\0\x01\0\0\0\0', 'latin1'),
    }));
    const rows = {
      changeRows: (record: Parameters<NonNullable<FixtureWheel['changeRows']>>[0]) => record.toReversed(),
    };
    const second = await canonicalBytes(writeWheel({ files: packed.toReversed(), comment: 'other', ...rows }));
    const third = await canonicalBytes(writeWheel({ files: packed, comment: 'other' }));
    expect(third).toEqual(first);
    // RECORD is content, so its order matters.
    expect(second.summary.sha256).not.toBe(first.summary.sha256);
  });

  test('is its own canonical wheel', async () => {
    const first = await canonicalBytes(writeWheel());
    const again = await canonicalBytes(writeTemporary('demo-1.0-py3-none-any.whl', first.bytes));
    expect(again.summary).toEqual(first.summary);
  });

  test.each([
    ['out of order', ['b', 'a'], 'a: is out of order or a duplicate in the canonical wheel'],
    ['twice', ['a', 'a'], 'a: is out of order or a duplicate in the canonical wheel'],
    [
      'in the order of UTF-16',
      ['\u{1F600}', '\uFF5E'],
      '\uFF5E: is out of order or a duplicate in the canonical wheel',
    ],
  ])('rejects names %s', (_, names, message) => {
    expect(() => new CanonicalWheelDigest(names.map((name) => entryOf(name)))).toThrow(message);
  });

  test('rejects files that are out of order, of another size, or missing', () => {
    const entries = [entryOf('a'), entryOf('b')];
    const [a = entryOf('a'), b = entryOf('b')] = entries;
    const digest = new CanonicalWheelDigest(entries);
    expect(() => {
      digest.add(b, Buffer.from('x'), 0);
    }).toThrow('b: is out of order in the canonical wheel\n  expected a');
    expect(() => {
      digest.add(a, Buffer.from('xx'), 0);
    }).toThrow('a: has 2 bytes in the canonical wheel\n  expected 1');
    digest.add(a, Buffer.from('x'), crc32('x'));
    expect(() => digest.finish()).toThrow('b: is missing in the canonical wheel');
  });

  test('can be installed by pip, with the same files', async (context) => {
    const [python] = PYTHONS;
    if (python === undefined) return context.skip('no Python is installed');
    const probe = await execa(python, ['-m', 'pip', '--version'], { reject: false });
    if (probe.exitCode !== 0) context.skip(`${python} has no pip`);
    const { bytes } = await canonicalBytes(writeWheel());
    const path = writeTemporary('demo-1.0-py3-none-any.whl', bytes);
    const target = join(dirname(path), 'target');
    await execa(python, ['-m', 'pip', 'install', '--no-index', '--no-deps', '--quiet', '--target', target, path]);
    expect(readFileSync(join(target, 'demo/__init__.py'), 'utf8')).toBe('x = 1\n'.repeat(50));
  });
});

test.skipIf(PYTHONS.length === 0)(
  'a wheel with more than 65,535 entries is identical to the output of zipfile',
  async () => {
    const count = 65_600;
    const entries = Array.from({ length: count }, (_, index) => entryOf(`f/${index}`, 0)).toSorted(byName);
    const digest = new CanonicalWheelDigest(entries);
    for (const entry of entries) digest.add(entry, Buffer.alloc(0), 0);
    const script = `
import hashlib, io, sys, zipfile
stream = io.BytesIO()
with zipfile.ZipFile(stream, "w") as canonical:
    for name in sorted("f/%d" % index for index in range(${count})):
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.create_system = 3
        info.external_attr = 0o100644 << 16
        canonical.writestr(info, b"")
print(hashlib.sha256(stream.getvalue()).hexdigest())`;
    const { stdout } = await execa(PYTHONS[0] ?? 'python3', ['-c', script]);
    expect(digest.finish().sha256).toBe(stdout);
  },
);

async function canonicalBytes(path: string) {
  const wheel = await openWheel(path);
  const digest = new CanonicalWheelDigest(wheel.entries);
  for await (const { entry, data, crc32 } of readContents(wheel)) digest.add(entry, data, crc32);
  const chunks: Uint8Array[] = [];
  for await (const chunk of encodeCanonicalWheel(wheel.entries, readContents(wheel))) chunks.push(chunk);
  wheel.close();
  return { bytes: Buffer.concat(chunks), summary: digest.finish(), announced: canonicalWheelSize(wheel.entries) };
}

async function rewriteWithPython(python: string, source: string): Promise<Buffer> {
  const target = join(dirname(source), 'canonical.whl');
  await execa(python, ['-c', REWRITE, source, target]);
  return readFileSync(target);
}

function entryOf(name: string, size = 1): WheelEntry {
  return { name, size, mode: 0o644 };
}

function byName(left: WheelEntry, right: WheelEntry): number {
  return Buffer.compare(Buffer.from(left.name), Buffer.from(right.name));
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
