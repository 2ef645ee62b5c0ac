/** Opens wheels (binary distribution format), validates them as far as possible without inflating, and reads their files. */
import { hash } from 'node:crypto';
import { basename } from 'node:path';
import { DistError, type DistErrorCode, type DistIssue, distError, issue, throwIssues } from '../dist-error.js';
import { DEFAULT_LIMITS, MIB, raiseLimit, type WheelLimits } from '../limits/limits.js';
import { parseMetadata, type Metadata } from './metadata.js';
import { PositionedFile } from '../zip/positioned-file.js';
import { digestIssues, parseRecord, type RecordRow } from './record.js';
import { findDistInfo, distInfoIssues, isRecordSignature, metadataIssues, recordIssues } from './wheel-checks.js';
import { parseWheelFileName, type WheelFileName } from '../names/wheel-file-name.js';
import { parseWheelMetadata, type WheelMetadata } from './wheel-metadata.js';
import { readWheelFiles, type WheelEntry, type WheelFile } from '../zip/zip-files.js';
import { inflateZipData, readZipData, readZipDataInto } from '../zip/zip-data.js';
import { dataIssues, entryPointIssues } from './wheel-names.js';

export interface WheelContent {
  readonly data: Buffer;
  /** In lower case hexadecimal. */
  readonly sha256: string;
  readonly crc32: number;
}

export interface Wheel {
  readonly fileName: string;
  /** The parsed file name. */
  readonly identity: WheelFileName;
  /** `numpy-2.4.6.dist-info`. */
  readonly distInfo: string;
  readonly metadata: Metadata;
  readonly wheel: WheelMetadata;
  readonly record: readonly RecordRow[];
  /** How RECORD differs from the files, as far as it is known before they are read. */
  readonly recordIssues: readonly DistIssue[];
  /** All files but signatures of RECORD, sorted by the UTF-8 bytes of their names. */
  readonly entries: readonly WheelEntry[];
  /**
   * Reads one file and verifies its size, CRC and RECORD's digest.
   *
   * @param space - memory of the entry's size for the data
   */
  read(entry: WheelEntry, space?: Uint8Array): Promise<WheelContent>;
  /** As `read`, without RECORD. */
  readData(entry: WheelEntry, space?: Uint8Array): Promise<WheelContent>;
  close(): void;
}

/**
 * Opens a wheel. Throws a `DistError` with every issue but those of RECORD, which installers ignore. The caller closes it.
 *
 * @param fileName - of the wheel, if the path has another name: content of a store has its digest as name
 */
export async function openWheel(
  path: string,
  limits: WheelLimits = DEFAULT_LIMITS,
  fileName = basename(path),
): Promise<Wheel> {
  const identity = parseWheelFileName(fileName);
  const file = new PositionedFile(path, fileName);
  try {
    return await readWheel(file, identity, limits);
  } catch (error) {
    file.close();
    throw error;
  }
}

async function readWheel(file: PositionedFile, identity: WheelFileName, limits: WheelLimits): Promise<Wheel> {
  const fileName = file.subject;
  const { files, issues } = await readWheelFiles(file, limits);
  // The files of an ambiguous zip cannot be trusted, so no further checks are made.
  throwIssues(fileName, issues);
  const distInfo = findDistInfo(fileName, [...files.keys()]);
  const reader = new WheelReader(file, files, limits);
  const parts = parseParts(reader, distInfo, identity, fileName);
  for (const name of files.keys()) if (isRecordSignature(name, distInfo)) files.delete(name);
  return {
    fileName,
    identity,
    distInfo,
    ...parts,
    entries: [...files.values()].map(({ entry }) => entry),
    read: (entry, space) => reader.read(entry, space),
    readData: (entry, space) => reader.readData(entry, space),
    close: () => {
      file.close();
    },
  };
}

function parseParts(reader: WheelReader, distInfo: string, identity: WheelFileName, fileName: string) {
  let issues: DistIssue[] = distInfoIssues(distInfo, identity);
  const attempt = <Part>(parse: () => Part): Part | undefined => {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof DistError)) throw error;
      issues = [...issues, ...error.issues];
      return undefined;
    }
  };
  const record = attempt(() => parseRecord(reader.text(`${distInfo}/RECORD`, 'DIST_RECORD_INVALID')));
  reader.useRecord(record?.rows ?? []);
  const metadata = attempt(() => parseMetadata(reader.text(`${distInfo}/METADATA`, 'DIST_METADATA_INVALID')));
  const wheel = attempt(() => parseWheelMetadata(reader.text(`${distInfo}/WHEEL`, 'DIST_WHEEL_METADATA_INVALID')));
  const entryPoints = `${distInfo}/entry_points.txt`;
  const commandIssues = reader.files.has(entryPoints)
    ? attempt(() => entryPointIssues(reader.text(entryPoints, 'DIST_WHEEL_ENTRY_POINTS')))
    : undefined;
  throwIssues(fileName, [
    ...issues,
    ...(commandIssues ?? []),
    ...dataIssues(reader.files.keys(), distInfo),
    ...(metadata === undefined ? [] : metadataIssues(metadata, identity)),
  ]);
  if (record === undefined || metadata === undefined || wheel === undefined) {
    throw new TypeError('a part of the wheel is missing without an issue');
  }
  const found = [...record.issues, ...recordIssues(record.rows, reader.sizes(), distInfo)];
  return { record: record.rows, recordIssues: found, metadata, wheel };
}

/** RECORD has a line for each file. */
const RECORD_FACTOR = 16;

/** Reads files by name and verifies them against RECORD. */
class WheelReader {
  #record = new Map<string, RecordRow>();

  constructor(
    readonly file: PositionedFile,
    readonly files: ReadonlyMap<string, WheelFile>,
    readonly limits: WheelLimits,
  ) {}

  useRecord(rows: readonly RecordRow[]): void {
    this.#record = new Map(rows.map((row) => [row.path, row]));
  }

  sizes(): Map<string, number> {
    return new Map([...this.files].map(([name, { entry }]) => [name, entry.size]));
  }

  text(name: string, code: DistErrorCode): string {
    const found = this.files.get(name);
    if (found === undefined) throw new DistError(this.file.subject, [issue(code, `${name} is missing`)]);
    this.#checkSize(name, found.entry.size);
    const data = readZipData(this.file, found.region, found.zip, name);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(data);
    } catch (cause) {
      throw distError(this.file.subject, code, `${name} is not UTF-8`, { cause });
    }
  }

  #checkSize(name: string, size: number): void {
    const most = this.limits.metadataMiB * MIB * (name.endsWith('/RECORD') ? RECORD_FACTOR : 1);
    if (size <= most) return;
    const lines = [`${name} has ${size} bytes`, raiseLimit('metadataMiB', this.limits)];
    throw distError(this.file.subject, 'DIST_WHEEL_TOO_LARGE', lines);
  }

  async read(entry: WheelEntry, space?: Uint8Array): Promise<WheelContent> {
    const content = await this.readData(entry, space);
    const row = this.#record.get(entry.name);
    if (row !== undefined) throwIssues(this.file.subject, digestIssues(row, content));
    return content;
  }

  async readData({ name }: WheelEntry, space?: Uint8Array): Promise<WheelContent> {
    const found = this.files.get(name);
    if (found === undefined) throw distError(this.file.subject, 'DIST_WHEEL_ENTRY_UNKNOWN', `does not contain ${name}`);
    const { region, zip } = found;
    const data =
      space?.length === zip.size
        ? readZipDataInto(this.file, region, zip, { name, space })
        : await inflateZipData(this.file, region, zip, name);
    return { data, sha256: sha256Of(data), crc32: zip.crc32 };
  }
}

function sha256Of(data: Buffer): string {
  return hash('sha256', data, 'hex');
}
