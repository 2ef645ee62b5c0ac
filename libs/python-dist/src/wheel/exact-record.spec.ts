import { execa } from 'execa';
import { join } from 'node:path';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { packagingPython } from '@pinpack/testing';
import type { DistError, DistErrorCode, DistIssue } from '../dist-error.js';
import { encodeCanonicalWheel, readContents } from './canonical-wheel.js';
import { withExactRecord } from './exact-record.js';
import { openWheel, type Wheel } from './wheel.js';
import { DEMO, recordRow, writeTemporary, writeWheel, type FixtureWheel } from './wheel.fixture.js';

const INFO = 'demo-1.0.dist-info';
const file = (name: string, more: object = {}) => ({ name, data: 'data', ...more });

/** Wheels with an inexact RECORD, by the first line of their issue. */
const INEXACT: Record<string, readonly [code: DistErrorCode, wheel: FixtureWheel]> = {
  'RECORD does not list a': ['DIST_RECORD_MISMATCH', { unlisted: [file('a')] }],
  'RECORD does not list demo-1.0.dist-info/RECORD': [
    'DIST_RECORD_MISMATCH',
    { changeRows: (rows) => rows.slice(0, -1) },
  ],
  'RECORD lists demo/empty.py, which is not in the wheel': ['DIST_RECORD_MISMATCH', { leftOut: ['demo/empty.py'] }],
  'RECORD lists demo/empty.py twice': ['DIST_RECORD_DUPLICATE', { changeRecord: (text) => `${text}demo/empty.py,,\n` }],
  'demo/empty.py does not match RECORD\n  recorded 7 bytes, found 0': [
    'DIST_RECORD_MISMATCH',
    { changeRows: (rows) => rows.map((row) => (row.path === 'demo/empty.py' ? { ...row, size: 7 } : row)) },
  ],
  'demo/empty.py does not match RECORD\n  recorded sha256=': [
    'DIST_RECORD_MISMATCH',
    {
      changeRows: (rows) =>
        rows.map((row) => (row.size === 0 ? { ...recordRow(file('x')), ...path(row), size: 0 } : row)),
    },
  ],
  'RECORD has the digest "md5=': [
    'DIST_RECORD_WEAK_DIGEST',
    { changeRecord: (text) => text.replace(/(empty\.py),sha256=/, '$1,md5=') },
  ],
  'RECORD has no digest of demo/empty.py': [
    'DIST_RECORD_INVALID',
    { changeRows: (rows) => rows.map((row) => (row.size === 0 ? path(row) : row)) },
  ],
  'RECORD has a digest of itself': [
    'DIST_RECORD_INVALID',
    { changeRows: (rows) => [...rows.slice(0, -1), { ...recordRow(file('x')), path: `${INFO}/RECORD` }] },
  ],
  'RECORD lists its signature demo-1.0.dist-info/RECORD.jws': [
    'DIST_RECORD_INVALID',
    { files: [file(`${INFO}/RECORD.jws`)] },
  ],
};

function path(row: { readonly path: string }): { path: string } {
  return { path: row.path };
}

/** The canonical wheel with its issues. */
async function canonical(wheelPath: string): Promise<{ bytes: Buffer; recordIssues: readonly DistIssue[] }> {
  const wheel = await openWheel(wheelPath);
  const encode = async (exact: Wheel): Promise<Buffer> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of encodeCanonicalWheel(exact.entries, readContents(exact))) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  try {
    const { result, recordIssues } = await withExactRecord(wheel, () => Promise.resolve(), encode);
    return { bytes: result, recordIssues };
  } finally {
    wheel.close();
  }
}

test.each(Object.entries(INEXACT))('replaces a RECORD where %s', async (message, [code, fixture]) => {
  const { bytes, recordIssues } = await canonical(writeWheel(fixture));
  expect(recordIssues.map((one) => one.code)).toContain(code);
  expect(recordIssues.map((one) => one.message.replaceAll('\n', '\n  ')).join('\n')).toContain(message);
  const again = await canonical(writeTemporary(DEMO, bytes));
  expect(again.recordIssues).toEqual([]);
  expect(again.bytes.equals(bytes)).toBe(true);
});

test('keeps an exact RECORD byte for byte', async () => {
  const wheel = await openWheel(writeWheel());
  const { result, recordIssues } = await withExactRecord(
    wheel,
    () => Promise.reject(new Error('unused')),
    (exact) => Promise.resolve(exact === wheel),
  );
  wheel.close();
  expect([result, recordIssues]).toEqual([true, []]);
});

test('reports the digests that differ beside the other issues, before it replaces RECORD', async () => {
  const wrong = { ...recordRow(file('x')), path: 'demo/tool.sh', size: 10 };
  const changeRows: FixtureWheel['changeRows'] = (rows) => rows.map((row) => (row.path === wrong.path ? wrong : row));
  const wheel = await openWheel(writeWheel({ changeRows, unlisted: [file('extra')] }));
  const refused = await withExactRecord(
    wheel,
    (issues) => Promise.reject(new Error(issues.map(({ message }) => message.split('\n')[0]).join(', '))),
    () => Promise.resolve(),
  ).catch((error: unknown) => (error as Error).message);
  wheel.close();
  expect(refused).toBe('RECORD does not list extra, demo/tool.sh does not match RECORD');
});

test('reads an error of a damaged file as before', async () => {
  const files = [file('a', { declaredCrc32: 1 })];
  await expect(canonical(writeWheel({ files, unlisted: [file('b')] }))).rejects.toMatchObject({
    code: 'DIST_WHEEL_DAMAGED',
  } satisfies Partial<DistError>);
});

test('pip installs the same files, which an inexact RECORD does not stop', async (context) => {
  const python = await packagingPython(context);
  const target = mkdtempSync(join(tmpdir(), 'python-dist-'));
  onTestFinished(() => {
    rmSync(target, { recursive: true, force: true });
  });
  const changeRows: FixtureWheel['changeRows'] = (rows) => rows.filter((row) => row.path !== 'demo/__init__.py');
  const original = writeWheel({ changeRows });
  const words = ['-m', 'pip', 'install', '--no-index', '--no-deps', '--no-compile', '--quiet', '--target', target];
  await execa(python, [...words, original], { env: { PIP_DISABLE_PIP_VERSION_CHECK: '1' } });
  const wheel = await openWheel(writeTemporary(DEMO, (await canonical(original)).bytes));
  for await (const { entry, data } of readContents(wheel)) {
    if (!entry.name.endsWith('/RECORD')) expect(readFileSync(join(target, entry.name)).equals(data)).toBe(true);
  }
  expect(wheel.record.map((row) => row.path)).toEqual(wheel.entries.map(({ name }) => name));
  wheel.close();
});
