/** Reads the files that a wheel installs from its zip's directory, without inflating more than a few small files. */
import { distError } from '../dist-error.js';
import { NO_WHEEL_LIMITS } from '../limits/limits.js';
import { decodeEntryName } from '../zip/entry-name.js';
import { PositionedFile } from '../zip/positioned-file.js';
import { readRegion, readZipData } from '../zip/zip-data.js';
import { readZipDirectory, type ZipDirectory, type ZipEntry } from '../zip/zip-directory.js';
import { installedFiles, type InstalledFiles } from './installed-files.js';
import { parseRecord } from './record.js';
import { findDistInfo, recordIssues } from './wheel-checks.js';

/** A wheel of which single files can be read. */
export interface ZippedWheel {
  readonly directory: ZipDirectory;
  /** @param shown - the file, for messages. @throws DistError `DIST_INDEX_*`, `DIST_WHEEL_*` */
  readonly read: (entry: ZipEntry, shown: string) => Promise<Buffer>;
  /** Whether the file can be read without another request. */
  readonly isAtHand: (entry: ZipEntry) => boolean;
}

export interface InstalledFacts {
  readonly files: InstalledFiles;
  /** How RECORD differs from the files, as far as the zip's directory shows it; empty if RECORD is not at hand. */
  readonly recordIssues: readonly string[];
}

export interface FactsRequest {
  /** Minor version: `3.11`. */
  readonly python: string;
  /** Paths in the wheel that are read even if they are not at hand. */
  readonly inspect?: readonly string[];
}

/** The identity of every `__init__.py` that only declares a namespace package: installers leave any one of them. */
const NAMESPACE = 'namespace';
const DECLARES_NAMESPACE = /\bdeclare_namespace\(\s*__name__\s*\)|\bextend_path\(\s*__path__\s*,\s*__name__\s*\)/;
const NAMESPACE_BYTES = 2048;

type NamedEntry = ZipEntry & { readonly name: string };

/** @throws DistError `DIST_WHEEL_*`, `DIST_RECORD_MISSING` */
export async function readInstalledFacts(
  path: string,
  fileName: string,
  request: FactsRequest,
): Promise<InstalledFacts> {
  const file = new PositionedFile(path, fileName);
  try {
    const directory = await readZipDirectory(file, NO_WHEEL_LIMITS);
    const read: ZippedWheel['read'] = (entry, shown) => {
      const { region } = readRegion(file, directory, entry, shown);
      if (region === undefined) throw distError(fileName, 'DIST_WHEEL_DAMAGED', `${shown} cannot be read`);
      return Promise.resolve(readZipData(file, region, entry, shown));
    };
    return await installedFactsOf({ directory, read, isAtHand: () => true }, fileName, request);
  } finally {
    file.close();
  }
}

/** @throws DistError `DIST_WHEEL_*`, `DIST_RECORD_MISSING`, `DIST_INDEX_*` */
export async function installedFactsOf(
  wheel: ZippedWheel,
  fileName: string,
  { python, inspect = [] }: FactsRequest,
): Promise<InstalledFacts> {
  const entries = wheel.directory.entries
    .map((entry): NamedEntry => ({ ...entry, name: decodeEntryName(entry).name }))
    .filter(({ name }) => !name.endsWith('/'));
  const names = entries.map(({ name }) => name);
  const distInfo = findDistInfo(fileName, names);
  const entryPoints = entries.find(({ name }) => name === `${distInfo}/entry_points.txt`);
  const text = entryPoints && (await wheel.read(entryPoints, entryPoints.name)).toString('utf8');
  const inspected = entries.filter(
    (entry) => mayDeclare(entry) && (wheel.isAtHand(entry) || inspect.includes(entry.name)),
  );
  const namespaces = new Set<string>();
  for (const entry of inspected) {
    if (DECLARES_NAMESPACE.test((await wheel.read(entry, entry.name)).toString('utf8'))) namespaces.add(entry.name);
  }
  const files = entries.map(({ name, size, crc32 }) => {
    const content = namespaces.has(name) ? NAMESPACE : `${size}-${crc32.toString(16)}`;
    return { name, content };
  });
  return {
    files: installedFiles({ distInfo, files, entryPoints: text }, python),
    recordIssues: await readRecordIssues(wheel, entries, distInfo),
  };
}

function mayDeclare({ name, size }: NamedEntry): boolean {
  return name.endsWith('/__init__.py') && size <= NAMESPACE_BYTES;
}

async function readRecordIssues(
  wheel: ZippedWheel,
  entries: readonly NamedEntry[],
  distInfo: string,
): Promise<string[]> {
  const entry = entries.find(({ name }) => name === `${distInfo}/RECORD`);
  if (entry === undefined || !wheel.isAtHand(entry)) return [];
  const { rows, issues } = parseRecord((await wheel.read(entry, entry.name)).toString('utf8'));
  const sizes = new Map(entries.map(({ name, size }) => [name, size]));
  return [...issues, ...recordIssues(rows, sizes, distInfo)].map(({ message }) => message.replaceAll('\n', ', '));
}
