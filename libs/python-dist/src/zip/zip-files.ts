/** Lists the regular files of a wheel's zip, with the position of their data. */
import type { DistIssue } from '../dist-error.js';
import { duplicateEntryIssues, entryKindIssues } from './entry-checks.js';
import { decodeEntryName, entryNameIssues } from './entry-name.js';
import type { PositionedFile } from './positioned-file.js';
import { overlapIssues, readRegion, type ZipRegion } from './zip-data.js';
import { readZipDirectory, type ZipDirectory, type ZipEntry } from './zip-directory.js';

/** A file of a wheel. `size` is in bytes; the mode is 0o755 if the zip has any execute permission. */
export interface WheelEntry {
  readonly name: string;
  readonly size: number;
  readonly mode: 0o644 | 0o755;
}

/** An entry with its position in the zip. */
export interface WheelFile {
  readonly entry: WheelEntry;
  readonly zip: ZipEntry;
  readonly region: ZipRegion;
}

/** All files, sorted by the UTF-8 bytes of their names, and all issues of the zip format. */
export async function readWheelFiles(
  file: PositionedFile,
): Promise<{ files: Map<string, WheelFile>; issues: DistIssue[] }> {
  const directory = await readZipDirectory(file);
  const issues: DistIssue[] = [];
  const found: (WheelFile & { name: string })[] = [];
  const names: string[] = [];
  for (const zip of directory.entries) {
    const { name, issues: decoding } = decodeEntryName(zip);
    issues.push(...decoding, ...(decoding.length > 0 ? [] : entryNameIssues(name)));
    if (name.endsWith('/')) continue;
    names.push(name);
    const read = readWheelFile(file, directory, zip, name);
    issues.push(...read.issues);
    if (read.wheelFile !== undefined) found.push({ ...read.wheelFile, name });
  }
  issues.push(...duplicateEntryIssues(names), ...overlapIssues(found.map(({ name, region }) => ({ name, ...region }))));
  found.sort((left, right) => Buffer.compare(left.zip.rawName, right.zip.rawName));
  return { files: new Map(found.map(({ name, ...wheelFile }) => [name, wheelFile])), issues };
}

function readWheelFile(
  file: PositionedFile,
  directory: ZipDirectory,
  zip: ZipEntry,
  name: string,
): { wheelFile?: WheelFile; issues: DistIssue[] } {
  const kind = entryKindIssues(zip, name);
  const { region, issues } = readRegion(file, directory, zip, name);
  if (region === undefined) return { issues: [...kind, ...issues] };
  const entry = { name, size: zip.size, mode: (zip.unixMode & 0o111) === 0 ? 0o644 : 0o755 } as const;
  return { wheelFile: { entry, zip, region }, issues: [...kind, ...issues] };
}
