import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import type { DistIssue, Pin } from '@pinpack/python-dist';
import { rejected } from '@pinpack/testing';
import { expect, onTestFinished, test } from 'vitest';
import { sampleSourcePin, samplePin } from '../pin.fixture.js';
import { confirmRepair, listIssues, repairWarning } from './confirm-repair.js';

const NAME = 'demo-1.0-py3-none-any.whl';
const DATA = 'the wheel';
const ISSUES: DistIssue[] = [
  { code: 'DIST_RECORD_MISMATCH', message: 'a.dll does not match RECORD\nrecorded sha256=1, found sha256=2' },
];

function confirm(pin: Pin): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pinpack-record-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, NAME);
  writeFileSync(path, DATA);
  return confirmRepair({ pin, path, fileName: NAME, issues: ISSUES });
}

function pinOf(sha256: string, more: Partial<Pin> = {}): Pin {
  const wheel = { name: NAME, size: DATA.length, sha256 };
  return samplePin({ name: 'demo', version: '1.0', source: { kind: 'wheel', wheel }, ...more });
}

test('accepts the locked wheel', async () => {
  await expect(confirm(pinOf(sha256Of(DATA)))).resolves.toBeUndefined();
});

test('refuses the locked wheel if the reqset requires an exact RECORD, and never calls it damaged', async () => {
  const message = await rejected(() => confirm(pinOf(sha256Of(DATA), { record: 'exact' })));
  expect(message).toContain(
    'PINPACK_RECORD_INEXACT demo-1.0-py3-none-any.whl: RECORD differs from the files of the wheel, and "record" in reqset.json requires an exact one',
  );
  expect(message).toContain('- a.dll does not match RECORD, recorded sha256=1, found sha256=2');
  expect(message).toContain('set "record": {"demo": "repair"} in reqset.json');
  expect(message).not.toContain('damaged');
});

test.each([
  ['another wheel than the locked one', pinOf(sha256Of('other')), `expected ${sha256Of('other')} as in the lock`],
  ['a wheel that was built here', sampleSourcePin(), 'The file was changed after it was downloaded or built'],
])('refuses %s', async (_, pin, expected) => {
  const message = await rejected(() => confirm(pin));
  expect(message).toContain('PINPACK_WHEEL_CHANGED');
  expect(message).toContain(expected);
});

test('lists at most 20 issues', () => {
  const many = Array.from({ length: 30 }, (_, index): DistIssue => ({
    code: 'DIST_RECORD_MISMATCH',
    message: `${index}`,
  }));
  expect(listIssues(many).slice(-2)).toEqual(['- 19', 'and 10 more']);
  expect(repairWarning(NAME, ISSUES)).toBe(
    `${NAME}: RECORD differs from the files of the wheel, so the RPM contains a RECORD made from them\n  - a.dll does not match RECORD, recorded sha256=1, found sha256=2`,
  );
});
