/** Generates wheels: a zip writer that can write invalid zips, and a small valid wheel to modify. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { formatRecord, type RecordAlgorithm, type RecordRow } from './record.js';

/** A zip entry; defaults are those of a valid wheel. */
export interface FixtureEntry {
  readonly name: string | Buffer;
  readonly data?: string | Buffer;
  readonly method?: number;
  readonly flags?: number;
  /** The Unix mode with the kind of file, as 0o100644. */
  readonly mode?: number;
  readonly extra?: Buffer;
  readonly localName?: string;
  readonly localMethod?: number;
  readonly localSize?: number;
  readonly localFlags?: number;
  /** The compressed data, if they are not those of `data`. */
  readonly raw?: Buffer;
  readonly declaredSize?: number;
  readonly declaredCompressedSize?: number;
  readonly declaredCrc32?: number;
  readonly headerOffset?: number;
}

export interface FixtureZip {
  readonly prefix?: Buffer;
  readonly comment?: string;
  readonly declaredCount?: number;
}

/** Encodes a zip file of the entries, unchecked. */
export function encodeZip(entries: readonly FixtureEntry[], { prefix, comment = '', declaredCount }: FixtureZip = {}) {
  const pieces: Buffer[] = [prefix ?? Buffer.alloc(0)];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, central } = encodeEntry(entry, offset);
    pieces.push(local);
    directory.push(central);
    offset += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(declaredCount ?? entries.length, 8);
  end.writeUInt16LE(declaredCount ?? entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...pieces, ...directory, end, Buffer.from(comment)]);
}

function encodeEntry(entry: FixtureEntry, offset: number): { local: Buffer; central: Buffer } {
  const data = Buffer.from(entry.data ?? '');
  const method = entry.method ?? 8;
  const packed = entry.raw ?? (method === 8 ? deflateRawSync(data) : data);
  const name = Buffer.from(entry.name);
  const localName = Buffer.from(entry.localName ?? name);
  const extra = entry.extra ?? Buffer.alloc(0);
  const flags = entry.flags ?? (name.some((byte) => byte >= 0x80) ? 0x800 : 0);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(flags, 2);
  common.writeUInt16LE(method, 4);
  common.writeUInt16LE(0x21, 8);
  common.writeUInt32LE(entry.declaredCrc32 ?? crc32(data), 10);
  common.writeUInt32LE(entry.declaredCompressedSize ?? packed.length, 14);
  common.writeUInt32LE(entry.declaredSize ?? data.length, 18);
  common.writeUInt16LE(name.length, 22);
  common.writeUInt16LE(extra.length, 24);
  const localCommon = Buffer.from(common);
  localCommon.writeUInt16LE(entry.localFlags ?? flags, 2);
  localCommon.writeUInt16LE(entry.localMethod ?? method, 4);
  if (entry.localSize !== undefined) localCommon.writeUInt32LE(entry.localSize, 18);
  localCommon.writeUInt16LE(localName.length, 22);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE((entry.mode ?? 0o100644) * 0x10000, 6);
  tail.writeUInt32LE(entry.headerOffset ?? offset, 10);
  return {
    local: Buffer.concat([Buffer.from('PK\x03\x04'), localCommon, localName, extra, packed]),
    central: Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), common, tail, name, extra]),
  };
}

/** The contents of a wheel; defaults are those of `demo` 1.0. */
export interface FixtureWheel extends FixtureZip {
  readonly fileName?: string;
  readonly distInfo?: string;
  readonly metadata?: string;
  readonly wheel?: string;
  /** Files that RECORD lists. */
  readonly files?: readonly FixtureEntry[];
  /** Entries that RECORD does not list. */
  readonly unlisted?: readonly FixtureEntry[];
  /** Entries that are omitted although RECORD lists them. */
  readonly leftOut?: readonly string[];
  readonly algorithm?: RecordAlgorithm;
  /** Changes RECORD's rows, or its whole text. */
  readonly changeRows?: (rows: RecordRow[]) => RecordRow[];
  readonly changeRecord?: (record: string) => string;
}

export const DEMO = 'demo-1.0-py3-none-any.whl';

export const DEMO_FILES: readonly FixtureEntry[] = [
  { name: 'demo/tool.sh', data: '#!/bin/sh\n', mode: 0o100755 },
  { name: 'demo/__init__.py', data: 'x = 1\n'.repeat(50) },
  { name: 'demo/empty.py', data: '', method: 0 },
];

/** Encodes a wheel. Its entries are deliberately unsorted. */
export function encodeWheel(wheel: FixtureWheel = {}): Buffer {
  const { distInfo = 'demo-1.0.dist-info', files = DEMO_FILES, unlisted = [], leftOut = [] } = wheel;
  const metadata = wheel.metadata ?? 'Metadata-Version: 2.1\nName: Demo\nVersion: 1.0\n';
  const about = wheel.wheel ?? 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n';
  const listed = [
    ...files,
    { name: `${distInfo}/WHEEL`, data: about },
    { name: `${distInfo}/METADATA`, data: metadata },
  ];
  const rows = [...listed.map((entry) => recordRow(entry, wheel.algorithm)), { path: `${distInfo}/RECORD` }];
  const record = formatRecord(wheel.changeRows?.(rows) ?? rows);
  const entries: FixtureEntry[] = [
    ...listed,
    { name: `${distInfo}/RECORD`, data: wheel.changeRecord?.(record) ?? record },
    ...unlisted,
  ];
  return encodeZip(
    entries.filter(({ name }) => !leftOut.includes(name.toString())),
    wheel,
  );
}

/** The row of an entry: digest and size of its data. */
export function recordRow({ name, data = '' }: FixtureEntry, algorithm: RecordAlgorithm = 'sha256'): RecordRow {
  const hex = createHash(algorithm).update(data).digest('hex');
  return { path: name.toString(), digest: { algorithm, hex }, size: Buffer.byteLength(data) };
}

/** Writes bytes to a folder that is removed after the test. Returns the path. */
export function writeTemporary(fileName: string, bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'python-dist-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, fileName);
  writeFileSync(path, bytes);
  return path;
}

/** Writes a wheel to a folder that is removed after the test. Returns the path. */
export function writeWheel(wheel: FixtureWheel = {}): string {
  return writeTemporary(wheel.fileName ?? DEMO, encodeWheel(wheel));
}
