/** RECORD: the files of a distribution with digest and size (PEP 376, binary distribution format). */
import { createHash } from 'node:crypto';
import { type DistIssue, issue, throwIssues } from '../dist-error.js';
import { entryNameIssues } from '../zip/entry-name.js';
import { formatCsv, parseCsv } from './csv.js';

export type RecordAlgorithm = 'sha256' | 'sha384' | 'sha512';

export interface RecordDigest {
  readonly algorithm: RecordAlgorithm;
  /** The digest in lower case hexadecimal. */
  readonly hex: string;
}

/** One row; RECORD's own has neither digest nor size. */
export interface RecordRow {
  readonly path: string;
  readonly digest?: RecordDigest;
  /** In bytes. */
  readonly size?: number;
}

const DIGEST_BYTES: Readonly<Record<RecordAlgorithm, number>> = { sha256: 32, sha384: 48, sha512: 64 };

export interface ParsedRecord {
  readonly rows: readonly RecordRow[];
  /** `DIST_RECORD_INVALID`, `DIST_RECORD_DUPLICATE` and `DIST_RECORD_WEAK_DIGEST`: installers ignore them. */
  readonly issues: readonly DistIssue[];
}

/** Throws `DIST_RECORD_INVALID` or `DIST_WHEEL_PATH_ESCAPES` if RECORD is not CSV or lists files outside of the wheel. */
export function parseRecord(text: string, subject = 'RECORD'): ParsedRecord {
  const { rows, badAt } = parseCsv(text);
  const refused = rows.flatMap(([path = '']) =>
    entryNameIssues(path)
      .filter(({ code }) => code === 'DIST_WHEEL_PATH_ESCAPES')
      .map(({ code, message }) => ({ code, message: `RECORD: ${message}` })),
  );
  if (badAt !== undefined) {
    const line = text.slice(0, badAt).split('\n').length;
    refused.push(issue('DIST_RECORD_INVALID', `RECORD is not CSV at line ${line}`, 'expected path,digest,size'));
  }
  throwIssues(subject, refused);
  const issues: DistIssue[] = [];
  const record = rows.map((row) => parseRow(row, issues));
  // Not by push(...): a crafted RECORD has more issues than a call can have arguments.
  return { rows: record, issues: [...issues, ...duplicateIssues(record)] };
}

/** Formats rows as wheel builders do: digests in base64url without padding, rows end in `\n`. */
export function formatRecord(rows: readonly RecordRow[]): string {
  return formatCsv(
    rows.map(({ path, digest, size }) => [
      path,
      digest === undefined ? '' : `${digest.algorithm}=${Buffer.from(digest.hex, 'hex').toString('base64url')}`,
      size === undefined ? '' : String(size),
    ]),
  );
}

/** How a file differs from the digest in its row. @param sha256 - of `data`, in hex */
export function digestIssues(
  { path, digest }: RecordRow,
  { data, sha256 }: { readonly data: Uint8Array; readonly sha256: string },
): DistIssue[] {
  if (digest === undefined) return [];
  const { algorithm, hex } = digest;
  const found = algorithm === 'sha256' ? sha256 : createHash(algorithm).update(data).digest('hex');
  if (found === hex) return [];
  const sides = `recorded ${algorithm}=${hex}, found ${algorithm}=${found}`;
  return [issue('DIST_RECORD_MISMATCH', `${path} does not match RECORD`, sides)];
}

function parseRow(row: readonly string[], issues: DistIssue[]): RecordRow {
  const [path = '', digestText = '', sizeText = ''] = row;
  if (row.length !== 3 || path === '') {
    const found = `RECORD row "${row.join(',')}" has ${row.length} fields`;
    issues.push(issue('DIST_RECORD_INVALID', found, 'expected path,digest,size'));
  }
  const digest = parseDigest(path, digestText, issues);
  const size = parseSize(path, sizeText, issues);
  return { path, ...(digest === undefined ? {} : { digest }), ...(size === undefined ? {} : { size }) };
}

function parseDigest(path: string, text: string, issues: DistIssue[]): RecordDigest | undefined {
  if (text === '') return undefined;
  const equals = text.indexOf('=');
  const algorithm = text.slice(0, Math.max(equals, 0));
  if (!isAlgorithm(algorithm)) {
    const weak = algorithm === 'md5' || algorithm === 'sha1';
    const code = weak ? 'DIST_RECORD_WEAK_DIGEST' : 'DIST_RECORD_INVALID';
    const found = `RECORD has the digest "${text}" for ${path}`;
    issues.push(issue(code, found, 'expected sha256, sha384 or sha512'));
    return undefined;
  }
  const bytes = Buffer.from(text.slice(equals + 1), 'base64url');
  if (bytes.length !== DIGEST_BYTES[algorithm] || bytes.toString('base64url') !== text.slice(equals + 1)) {
    const expected = `expected ${DIGEST_BYTES[algorithm]} bytes in base64url without padding`;
    issues.push(issue('DIST_RECORD_INVALID', `RECORD has the digest "${text}" for ${path}`, expected));
    return undefined;
  }
  return { algorithm, hex: bytes.toString('hex') };
}

function parseSize(path: string, text: string, issues: DistIssue[]): number | undefined {
  if (text === '') return undefined;
  const size = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(size)) return size;
  issues.push(issue('DIST_RECORD_INVALID', `RECORD has the size "${text}" for ${path}`, 'expected a number of bytes'));
  return undefined;
}

function isAlgorithm(text: string): text is RecordAlgorithm {
  return Object.hasOwn(DIGEST_BYTES, text);
}

function duplicateIssues(rows: readonly RecordRow[]): DistIssue[] {
  const seen = new Set<string>();
  return rows.flatMap(({ path }) => {
    if (seen.has(path))
      return [issue('DIST_RECORD_DUPLICATE', `RECORD lists ${path} twice`, 'expected one row a file')];
    seen.add(path);
    return [];
  });
}
