import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { expect, test } from 'vitest';
import type { LayerEntry } from '@pinpack/oci-image';
import { needProgram, temporaryFolder } from '@pinpack/testing';
import { formatCanonicalFacts } from '../wheel-rpm/canonical-facts.js';
import { treeOf, unpackStored } from './stored-wheel.js';

const NAME = 'demo-1.0-py3-none-any.whl';
const MTIME = 315_532_800;

/** A wheel with one module and one program, by Python's own zipfile. */
const MAKE_WHEEL = `
import base64, hashlib, sys, zipfile
files = {
    "demo/__init__.py": (b"x = 1\\n", 0o644),
    "demo/bin/run": (b"#!/bin/sh\\n", 0o755),
    "demo-1.0.dist-info/METADATA": (b"Metadata-Version: 2.1\\nName: demo\\nVersion: 1.0\\n", 0o644),
    "demo-1.0.dist-info/WHEEL": (b"Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n", 0o644),
}
digest = lambda data: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
record = "".join("%s,sha256=%s,%d\\n" % (name, digest(data), len(data)) for name, (data, _) in files.items())
files["demo-1.0.dist-info/RECORD"] = ((record + "demo-1.0.dist-info/RECORD,,\\n").encode(), 0o644)
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    for name, (data, mode) in files.items():
        info = zipfile.ZipInfo(name)
        info.external_attr = (0o100000 | mode) << 16
        archive.writestr(info, data)
`;

function entriesOf(data: Buffer): LayerEntry[] {
  const facts = { wheel: NAME, distInfo: 'demo-1.0.dist-info', sha256: 'a'.repeat(64), layout: 'stored' as const };
  const common = { mode: 0o644, mtime: MTIME };
  return [
    { ...common, path: 'usr/lib/pinpack/set', kind: 'directory', mode: 0o755 },
    { ...common, path: 'usr/lib/pinpack/set/demo.whl.stored', kind: 'file', data },
    {
      ...common,
      path: 'usr/share/pinpack/set/demo.json',
      kind: 'file',
      data: Buffer.from(formatCanonicalFacts(facts)),
    },
  ];
}

test('a stored wheel becomes the files and facts of layout tree', async (context) => {
  await needProgram(context, 'python3');
  const path = join(temporaryFolder(), NAME);
  execaSync('python3', ['-c', MAKE_WHEEL, path]);
  const entries = await unpackStored(entriesOf(readFileSync(path)));
  const lines = entries.map(({ path, kind, mode, data }) =>
    `${kind} ${mode.toString(8)} ${path} ${data?.length ?? ''}`.trimEnd(),
  );
  const tree = 'usr/lib/pinpack/set/demo';
  expect(lines.sort()).toEqual([
    'directory 755 usr/lib/pinpack/set',
    `directory 755 ${tree}`,
    `directory 755 ${tree}/demo`,
    `directory 755 ${tree}/demo-1.0.dist-info`,
    `directory 755 ${tree}/demo/bin`,
    expect.stringContaining(`file 644 ${tree}/demo-1.0.dist-info/METADATA`),
    expect.stringContaining(`file 644 ${tree}/demo-1.0.dist-info/RECORD`),
    expect.stringContaining(`file 644 ${tree}/demo-1.0.dist-info/WHEEL`),
    `file 644 ${tree}/demo/__init__.py 6`,
    expect.stringContaining('file 644 usr/share/pinpack/set/demo.json'),
    `file 755 ${tree}/demo/bin/run 10`,
  ]);
  const facts = entries.find(({ path }) => path.endsWith('demo.json'))?.data;
  expect(Buffer.from(facts ?? '').toString()).not.toContain('layout');
});

test('a manifest names the tree of either layout', () => {
  expect(treeOf('/usr/lib/pinpack/set/demo.whl.stored')).toBe('/usr/lib/pinpack/set/demo');
  expect(treeOf('/usr/lib/pinpack/set/demo')).toBe('/usr/lib/pinpack/set/demo');
});
