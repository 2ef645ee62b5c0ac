/** A wheel's RPM in rpm's own eyes, by what reqset.json says of layout and compression. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinsOf } from '@pinpack/python-dist';
import { execa } from 'execa';
import { beforeEach, expect, test } from 'vitest';
import { folderFaults, needProgram } from '@pinpack/testing';
import { samplePackage } from '@pinpack/rpm-packaging/testing';
import { rpmRequest, writeBuiltWorkspace } from '../publishing/built-workspace.fixture.js';
import { readLock } from '../workspace/read-lock.js';
import { writeWorkspace } from '../workspace/workspace.fixture.js';
import { makeWheelRpm } from './make-wheel-rpm.js';

beforeEach((context) => needProgram(context, 'rpm'));

const COMPRESSIONS = [undefined, 'zstd:19', 'xz:2', 'gzip:9', 'none'];

test.each(
  COMPRESSIONS.flatMap((compression) => (['tree', 'stored'] as const).map((layout) => ({ compression, layout }))),
)('is compressed as the pin says: $compression, $layout', async ({ compression, layout }) => {
  const root = await writeBuiltWorkspace([{ name: 'small', version: '1.0' }]);
  const pin = pinsOf(readLock(root, 'demo'))[0] ?? expect.fail('there is no pin');
  const order = rpmRequest(root, 'ACME');
  const { path } = await makeWheelRpm({ ...order, pin: { ...pin, compression, layout } });
  const { stdout } = await execa('rpm', ['-qp', '--qf', '%{payloadcompressor}:%{payloadflags}', path]);
  expect(stdout).toBe(compression === 'none' ? '(none):' : (compression ?? 'zstd:3'));
  expect((await execa('rpm', ['-K', path])).stdout).toMatch(/: digests OK$/);
});

const LICENSED = {
  name: 'small',
  version: '1.0',
  metadata: ['License-File: AUTHORS', 'Classifier: License :: OSI Approved :: MIT License'],
  files: {
    'small-1.0.dist-info/licenses/AUTHORS': 'A. Author\n',
    'small-1.0.dist-info/LICENSE.txt': 'MIT License\n',
    'small/_vendor/other-2.0.dist-info/COPYING': 'BSD License\n',
    'small/README.md': '# Small\n',
  },
};

test.each([
  ['tree', '/usr/lib/pinpack/demo/small'],
  ['stored', '/usr/share/licenses/demo-wheel-small'],
] as const)(
  'marks the licence texts, which an installation without documentation keeps: %s',
  async (layout, folder) => {
    const root = await writeBuiltWorkspace([LICENSED]);
    const pin = pinsOf(readLock(root, 'demo'))[0] ?? expect.fail('there is no pin');
    const { path } = await makeWheelRpm({ ...rpmRequest(root, 'ACME'), pin: { ...pin, layout } });
    const query = async (...words: string[]) => (await execa('rpm', ['-qp', ...words, path])).stdout.split('\n');
    expect(await query('--licensefiles')).toEqual(
      [
        'small-1.0.dist-info/LICENSE.txt',
        'small-1.0.dist-info/licenses/AUTHORS',
        'small/_vendor/other-2.0.dist-info/COPYING',
      ].map((name) => `${folder}/${name}`),
    );
    expect(await query('--docfiles')).toEqual(['']);
    expect(await query('--qf', '%{LICENSE}')).toEqual(['MIT']);
    expect(await folderFaults([path])).toEqual([]);
  },
);

test('is compressed for the fleet, which each pin.json records unless it is the default', async () => {
  const variants = { a: { fleet: 'el9' }, b: { fleet: 'fedora' }, c: { compression: 'zstd:3' }, d: {} };
  const root = await writeWorkspace('demo', [samplePackage()], variants);
  const compressions = Object.keys(variants).map((label) => {
    const text = readFileSync(join(root, `reqsets/demo/variants/${label}/pins/numpy/pin.json`), 'utf8');
    return (JSON.parse(text) as { compression?: string }).compression;
  });
  expect(compressions).toEqual(['xz:2', 'zstd:19', undefined, undefined]);
});
