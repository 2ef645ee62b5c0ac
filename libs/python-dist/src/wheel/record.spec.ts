import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { formatCsv, parseCsv } from './csv.js';
import { DistError } from '../dist-error.js';
import { askPython, drawCases, packagingPython } from '@pinpack/testing';
import { formatRecord, parseRecord, type RecordAlgorithm, type RecordRow } from './record.js';

const CSV = `
import csv, io
def write(rows):
    text = io.StringIO()
    csv.writer(text, lineterminator="\\n").writerows(rows)
    return text.getvalue()
results = [[write(rows), list(csv.reader(io.StringIO(write(rows), newline="")))] for rows in cases]`;

describe('csv', () => {
  test('is formatted and parsed as by Python', async (context) => {
    const python = await packagingPython(context);
    const characters = ['a', 'é', ' ', ',', '"', "'", '\n', ';', '='];
    const cases = drawCases(61, 1000, ({ pick, below }) => {
      const field = (): string => Array.from({ length: below(5) }, () => pick(characters)).join('');
      return Array.from({ length: 1 + below(3) }, () => [`p${field()}`, field(), field()]);
    });
    const expected = await askPython<[string, string[][]][]>(python, CSV, cases);
    for (const [index, rows] of cases.entries()) {
      const [text = '', read] = expected[index] ?? [];
      expect(formatCsv(rows)).toBe(text);
      expect(parseCsv(text)).toEqual({ rows: read });
    }
  });

  test.each([
    ['a,b', [['a', 'b']]],
    ['a,\n', [['a', '']]],
    ['a,', [['a', '']]],
    ['\r\n\na\r\n', [['a']]],
    ['', []],
  ])('reads %j', (text, rows) => {
    expect(parseCsv(text)).toEqual({ rows });
  });

  test.each([
    ['a,"b', 2],
    ['a"b', 1],
    ['"a"b', 0],
  ])('reports where %j is not CSV', (text, badAt) => {
    expect(parseCsv(text).badAt).toBeLessThanOrEqual(badAt);
  });
});

describe('RECORD', () => {
  const row = (path: string, algorithm: RecordAlgorithm = 'sha256'): RecordRow => ({
    path,
    digest: { algorithm, hex: createHash(algorithm).update(path).digest('hex') },
    size: path.length,
  });

  test('is formatted and parsed', () => {
    const rows = [row('a'), row('b, "c"', 'sha384'), row('d', 'sha512'), { path: 'x-1.dist-info/RECORD' }];
    expect(parseRecord(formatRecord(rows))).toEqual({ rows, issues: [] });
    expect(formatRecord(rows).split('\n')[0]).toBe('a,sha256=ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs,1');
  });

  test.each([
    ['a,md5=00,1', 'DIST_RECORD_WEAK_DIGEST', 'RECORD has the digest "md5=00" for a'],
    ['a,sha1=00,1', 'DIST_RECORD_WEAK_DIGEST', 'RECORD has the digest "sha1=00" for a'],
    ['a,sha256=AAAA,1', 'DIST_RECORD_INVALID', 'expected 32 bytes in base64url without padding'],
    ['a,toString=AAAA,1', 'DIST_RECORD_INVALID', 'expected sha256, sha384 or sha512'],
    ['a,sha256=ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs=,1', 'DIST_RECORD_INVALID', 'without padding'],
    ['a,,-1', 'DIST_RECORD_INVALID', 'RECORD has the size "-1" for a'],
    ['a,,', undefined, ''],
    ['a,,\na,,', 'DIST_RECORD_DUPLICATE', 'RECORD lists a twice'],
    ['a', 'DIST_RECORD_INVALID', 'RECORD row "a" has 1 fields'],
    ['a,b,c,d', 'DIST_RECORD_INVALID', 'RECORD row "a,b,c,d" has 4 fields'],
  ])('validates %j', (text, code, message) => {
    const [first] = parseRecord(text).issues;
    expect(first?.code).toBe(code);
    expect(first?.message ?? '').toContain(message);
  });

  test.each([
    ['a,"b', 'DIST_RECORD_INVALID', 'RECORD is not CSV at line 1'],
    ['../a,,', 'DIST_WHEEL_PATH_ESCAPES', 'RECORD: entry "../a" leads out of the wheel'],
    ['/etc/a,,', 'DIST_WHEEL_PATH_ESCAPES', 'RECORD: entry "/etc/a" is an absolute path'],
  ])('refuses %j', (text, code, message) => {
    const error = errorOf(() => parseRecord(text));
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(message);
  });
});

function errorOf(run: () => unknown): DistError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof DistError) return error;
    throw error;
  }
}
