/** Lists the regular files of a wheel's zip, with the position of their data. */
import { issue, type DistIssue } from '../dist-error.js';
import { DEFAULT_LIMITS, type WheelLimits } from '../limits/limits.js';
import { duplicateEntryIssues, entryKindIssues } from './entry-checks.js';
import { decodeEntryName, entryNameIssues } from './entry-name.js';
import type { PositionedFile } from './positioned-file.js';
import { Copies, splitRepeated } from './repeated-entries.js';
import { layoutIssues, readRegion, type ZipRegion } from './zip-data.js';
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
  limits: WheelLimits = DEFAULT_LIMITS,
): Promise<{ files: Map<string, WheelFile>; issues: DistIssue[] }> {
  const directory = await readZipDirectory(file, limits);
  const issues: DistIssue[] = [];
  const found: (WheelFile & { name: string })[] = [];
  const named: Parameters<typeof duplicateEntryIssues>[0][number][] = [];
  const regions: Parameters<typeof layoutIssues>[0][number][] = [];
  const { entries, repeated } = splitRepeated(directory.entries);
  for (const zip of entries) {
    const { name, issues: decoding } = decodeEntryName(zip);
    issues.push(...decoding, ...(decoding.length > 0 ? [] : entryNameIssues(name)));
    const { region, issues: damage } = readRegion(file, directory, zip, name);
    issues.push(...damage);
    if (region !== undefined) regions.push({ name, zip, ...region });
    if (name.endsWith('/')) {
      if (zip.size > 0) issues.push(issue('DIST_WHEEL_DAMAGED', `${name} is a folder, but has data`));
      continue;
    }
    named.push({ name, zip });
    issues.push(...entryKindIssues(zip, name));
    if (region !== undefined) found.push({ name, zip, region, entry: wheelEntryOf(zip, name) });
  }
  // Without all regions the layout is unknown.
  const layout = regions.length === entries.length ? checkLayout(file, directory, regions, repeated) : [];
  found.sort((left, right) => Buffer.compare(left.zip.rawName, right.zip.rawName));
  return {
    // Of entries with one name the last counts, as in pip; `sort` is stable.
    files: new Map(found.map(({ name, ...wheelFile }) => [name, wheelFile])),
    issues: [...issues, ...layout, ...duplicateEntryIssues(named)],
  };
}

function checkLayout(
  file: PositionedFile,
  directory: ZipDirectory,
  regions: Parameters<typeof layoutIssues>[0],
  repeated: readonly ZipEntry[],
): DistIssue[] {
  const copies = new Copies(file);
  for (const { headerOffset } of repeated) {
    const region = regions.find(({ start }) => start === headerOffset);
    if (region !== undefined) copies.expect(region.name, region);
  }
  const issues = layoutIssues(regions, directory, (start, end) => copies.isCopy(start, end));
  return [...issues, ...copies.issues()];
}

function wheelEntryOf({ size, unixMode }: ZipEntry, name: string): WheelEntry {
  return { name, size, mode: (unixMode & 0o111) === 0 ? 0o644 : 0o755 };
}
