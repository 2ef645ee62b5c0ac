/** Replaces a RECORD that differs from the wheel's files, which pip and uv ignore, by an exact one: the canonical wheel and pinpack-runtime rely on it. */
import { crc32 } from 'node:zlib';
import { sha256Of } from '@pinpack/common/digest';
import { DistError, type DistIssue, throwIssues } from '../dist-error.js';
import type { WheelEntry } from '../zip/zip-files.js';
import { digestIssues, formatRecord, type RecordRow } from './record.js';
import type { Wheel } from './wheel.js';

/** The part of a wheel that an exact RECORD changes. */
export type RecordedWheel = Pick<
  Wheel,
  'fileName' | 'distInfo' | 'entries' | 'record' | 'recordIssues' | 'read' | 'readData'
>;

export interface ExactResult<Result> {
  readonly result: Result;
  /** How the wheel's own RECORD differs from its files; empty if it is exact. */
  readonly recordIssues: readonly DistIssue[];
}

/**
 * Calls `use` with a wheel whose RECORD is exact: the wheel itself, or the wheel with a new RECORD. A digest that differs is found only when `use` reads
 * the file; then `use` is called a second time.
 *
 * @param confirm - called before RECORD is replaced, with every issue; throws to refuse it
 */
export async function withExactRecord<Kind extends RecordedWheel, Result>(
  wheel: Kind,
  confirm: (issues: readonly DistIssue[]) => Promise<void>,
  use: (exact: Kind) => Promise<Result>,
): Promise<ExactResult<Result>> {
  if (wheel.recordIssues.length === 0) {
    try {
      return { result: await use(wheel), recordIssues: [] };
    } catch (error) {
      if (!(error instanceof DistError && error.code === 'DIST_RECORD_MISMATCH')) throw error;
    }
  }
  const { rows, recordIssues } = await readRows(wheel);
  await confirm(recordIssues);
  return { result: await use(replaceRecord(wheel, rows)), recordIssues };
}

/** The rows of an exact RECORD in the order of the names, and all differences of the wheel's own. */
async function readRows(wheel: RecordedWheel): Promise<{ rows: RecordRow[]; recordIssues: DistIssue[] }> {
  const recorded = new Map(wheel.record.map((row) => [row.path, row]));
  const rows: RecordRow[] = [];
  const recordIssues = [...wheel.recordIssues];
  for (const entry of wheel.entries) {
    if (isRecord(wheel, entry)) {
      rows.push({ path: entry.name });
      continue;
    }
    const content = await wheel.readData(entry);
    rows.push({ path: entry.name, digest: { algorithm: 'sha256', hex: content.sha256 }, size: entry.size });
    recordIssues.push(...digestIssues(recorded.get(entry.name) ?? { path: entry.name }, content));
  }
  return { rows, recordIssues };
}

function isRecord({ distInfo }: RecordedWheel, { name }: WheelEntry): boolean {
  return name === `${distInfo}/RECORD`;
}

function replaceRecord<Kind extends RecordedWheel>(wheel: Kind, rows: readonly RecordRow[]): Kind {
  const data = Buffer.from(formatRecord(rows));
  const made = { data, sha256: sha256Of(data), crc32: crc32(data) };
  const byPath = new Map(rows.map((row) => [row.path, row]));
  const entries = wheel.entries.map((entry) => (isRecord(wheel, entry) ? { ...entry, size: data.length } : entry));
  const read: Wheel['read'] = async (entry, space) => {
    if (isRecord(wheel, entry)) return made;
    const content = await wheel.readData(entry, space);
    // The file may have been replaced since its rows were made.
    throwIssues(wheel.fileName, digestIssues(byPath.get(entry.name) ?? { path: entry.name }, content));
    return content;
  };
  return { ...wheel, entries, record: rows, recordIssues: [], read, readData: read };
}
