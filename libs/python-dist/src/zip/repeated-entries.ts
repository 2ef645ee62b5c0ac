/**
 * Entries that the central directory lists twice at the same offset. Python's `zipfile` writes such a zip if one file is added twice: the bytes of the
 * first are still there, but belong to no entry. Programs unpack the same content, if these bytes are the same too.
 */
import { type DistIssue, issue } from '../dist-error.js';
import type { PositionedFile } from './positioned-file.js';
import type { ZipRegion } from './zip-data.js';
import type { ZipEntry } from './zip-directory.js';

/** The entries without repetitions of an earlier one, and the repetitions. */
export function splitRepeated(entries: readonly ZipEntry[]): { entries: ZipEntry[]; repeated: ZipEntry[] } {
  const known = new Map<number, ZipEntry>();
  const split = { entries: new Array<ZipEntry>(), repeated: new Array<ZipEntry>() };
  for (const entry of entries) {
    const other = known.get(entry.headerOffset);
    known.set(entry.headerOffset, entry);
    (other !== undefined && isSame(other, entry) ? split.repeated : split.entries).push(entry);
  }
  return split;
}

function isSame(one: ZipEntry, other: ZipEntry): boolean {
  const [first, second] = [one, other].map(({ rawName, unicodeName, ...rest }) =>
    JSON.stringify([rawName.toString('hex'), unicodeName?.toString('hex'), rest]),
  );
  return first === second;
}

/** Matches the bytes that belong to no entry with the repeated entries: each must have one copy. */
export class Copies {
  readonly #expected: { name: string; region: ZipRegion }[] = [];

  constructor(readonly file: PositionedFile) {}

  expect(name: string, region: ZipRegion): void {
    this.#expected.push({ name, region });
  }

  /** Whether the bytes are an expected copy, which is then found. */
  isCopy(start: number, end: number): boolean {
    const at = this.#expected.findIndex(({ region }) => this.#isEqual(region, start, end));
    if (at !== -1) this.#expected.splice(at, 1);
    return at !== -1;
  }

  /** Repeated entries without a copy. */
  issues(): DistIssue[] {
    return this.#expected.map(({ name }) =>
      issue('DIST_WHEEL_ENTRIES_OVERLAP', `${name} and ${name} share bytes of the zip`),
    );
  }

  #isEqual(region: ZipRegion, start: number, end: number): boolean {
    const size = end - start;
    if (region.end - region.start !== size) return false;
    return this.file.read(start, size).equals(this.file.read(region.start, size));
  }
}
