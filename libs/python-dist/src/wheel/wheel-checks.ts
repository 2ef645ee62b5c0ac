/** Consistency checks of a wheel: file name, .dist-info, METADATA, RECORD and zip entries (binary distribution format). */
import { type DistIssue, distError, issue } from '../dist-error.js';
import type { Metadata } from './metadata.js';
import { normalizeName } from '../names/normalize-name.js';
import type { RecordRow } from './record.js';
import { isSameVersion } from '../pep440/version-compare.js';
import { UNUSABLE } from '../zip/unusable.js';
import type { WheelFileName } from '../names/wheel-file-name.js';

/** Signatures of RECORD, which are not listed in it and are deprecated by the specification. */
export function isRecordSignature(name: string, distInfo: string): boolean {
  return name === `${distInfo}/RECORD.jws` || name === `${distInfo}/RECORD.p7s`;
}

/** The one .dist-info folder. Throws `DIST_WHEEL_DIST_INFO` or `DIST_RECORD_MISSING`: no other check is possible without them. */
export function findDistInfo(subject: string, names: readonly string[]): string {
  const folders = names.map((name) => /^([^/]+\.dist-info)\//.exec(name)?.[1]).filter((name) => name !== undefined);
  const [distInfo, ...others] = [...new Set(folders)];
  if (distInfo === undefined) {
    throw distError(subject, 'DIST_WHEEL_DIST_INFO', ['has no .dist-info folder', 'Check that the file is a wheel']);
  }
  if (others.length > 0) {
    const found = `has ${others.length + 1} .dist-info folders: ${[distInfo, ...others].join(', ')}`;
    throw distError(subject, 'DIST_WHEEL_DIST_INFO', [found, 'expected one']);
  }
  if (!names.includes(`${distInfo}/RECORD`)) {
    const lines = [`${distInfo}/RECORD is missing`, 'pip does not install such a wheel either.', UNUSABLE];
    throw distError(subject, 'DIST_RECORD_MISSING', lines);
  }
  return distInfo;
}

/** Compares the .dist-info folder with the file name. */
export function distInfoIssues(distInfo: string, fileName: WheelFileName): DistIssue[] {
  const [name = '', version = '', ...rest] = distInfo.slice(0, -'.dist-info'.length).split('-');
  if (rest.length === 0 && normalizeName(name) === fileName.name && isSameVersion(version, fileName.version)) return [];
  return [issue('DIST_WHEEL_DIST_INFO', `.dist-info is ${distInfo}`, expectation(fileName))];
}

/** Compares name and version in METADATA with the file name. */
export function metadataIssues({ name, version }: Metadata, fileName: WheelFileName): DistIssue[] {
  const issues: DistIssue[] = [];
  if (normalizeName(name) !== fileName.name) {
    const found = `Name in METADATA is ${name}`;
    issues.push(issue('DIST_WHEEL_METADATA_MISMATCH', found, expectation(fileName)));
  }
  if (!isSameVersion(version, fileName.version)) {
    const found = `Version in METADATA is ${version}`;
    issues.push(issue('DIST_WHEEL_METADATA_MISMATCH', found, expectation(fileName)));
  }
  return issues;
}

/** Compares RECORD with the files: every file is listed with size and digest, none is missing, no signature is listed. */
export function recordIssues(
  record: readonly RecordRow[],
  sizes: ReadonlyMap<string, number>,
  distInfo: string,
): DistIssue[] {
  const rows = new Map(record.map((row) => [row.path, row]));
  const unlisted = [...sizes.keys()].filter((name) => !rows.has(name) && !isRecordSignature(name, distInfo));
  return [
    ...unlisted.map((name) => issue('DIST_RECORD_MISMATCH', `RECORD does not list ${name}`)),
    ...[...rows.values()].flatMap((row) => rowIssues(row, sizes.get(row.path), distInfo)),
  ];
}

function rowIssues(row: RecordRow, size: number | undefined, distInfo: string): DistIssue[] {
  const { path } = row;
  if (isRecordSignature(path, distInfo)) return [issue('DIST_RECORD_INVALID', `RECORD lists its signature ${path}`)];
  if (size === undefined) return [issue('DIST_RECORD_MISMATCH', `RECORD lists ${path}, which is not in the wheel`)];
  const issues: DistIssue[] = [];
  if (path === `${distInfo}/RECORD`) {
    if (row.digest !== undefined) issues.push(issue('DIST_RECORD_INVALID', 'RECORD has a digest of itself'));
  } else if (row.digest === undefined) {
    issues.push(issue('DIST_RECORD_INVALID', `RECORD has no digest of ${path}`, 'expected sha256, sha384 or sha512'));
  }
  if (row.size !== undefined && row.size !== size) {
    const sides = `recorded ${row.size} bytes, found ${size}`;
    issues.push(issue('DIST_RECORD_MISMATCH', `${path} does not match RECORD`, sides));
  }
  return issues;
}

function expectation({ name, version }: WheelFileName): string {
  return `expected ${name} ${version}, from the file name`;
}
