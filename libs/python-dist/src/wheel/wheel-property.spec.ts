/** Mutated wheels, METADATA, WHEEL and RECORD: each is read or refused with a typed error. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzz, fuzzOptions, fuzzParameters, temporaryFolder } from '@pinpack/testing';
import { DistError } from '../dist-error.js';
import { DEFAULT_LIMITS } from '../limits/limits.js';
import { readContents } from './canonical-wheel.js';
import { formatCsv, parseCsv } from './csv.js';
import { parseMetadata } from './metadata.js';
import { formatRecord, parseRecord } from './record.js';
import { openWheel } from './wheel.js';
import { DEMO, encodeWheel } from './wheel.fixture.js';
import { parseWheelMetadata } from './wheel-metadata.js';

const REAL = readFileSync(new URL('../../python/packaging-26.0-py3-none-any.whl', import.meta.url));
const CHANGED_BYTES = 2000;
const LIMITS = { ...DEFAULT_LIMITS, wheelMiB: 64 };

function refuses(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(DistError);
  }
}

/** Reads all of a wheel. @returns whether it was accepted */
async function isAccepted(path: string): Promise<boolean> {
  try {
    const wheel = await openWheel(path, LIMITS);
    try {
      for await (const { entry, data } of readContents(wheel)) expect(data.length).toBe(entry.size);
    } finally {
      wheel.close();
    }
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(DistError);
    return false;
  }
}

describe('a mutated wheel is read or refused', () => {
  const SAMPLES = [
    encodeWheel(),
    encodeWheel({ files: [{ name: 'a', data: 'stored', method: 0 }], comment: 'x' }),
    encodeWheel({ files: [{ name: 'é/ü.py', data: 'x' }], algorithm: 'sha512' }),
  ];

  test('that was generated', fuzzOptions(500), async () => {
    const path = join(temporaryFolder(), DEMO);
    let accepted = 0;
    await fuzz({ samples: SAMPLES, usual: 500 }, async (data) => {
      writeFileSync(path, data);
      if (await isAccepted(path)) accepted += 1;
    });
    // Some changes have no effect, such as those of times.
    expect(accepted).toBeGreaterThan(0);
  });

  test('that is real, in its directory and end records', fuzzOptions(100), async () => {
    const path = join(temporaryFolder(), 'packaging-26.0-py3-none-any.whl');
    const [head, tail] = [REAL.subarray(0, -CHANGED_BYTES), REAL.subarray(-CHANGED_BYTES)];
    await fuzz({ samples: [tail], usual: 100 }, async (data) => {
      writeFileSync(path, Buffer.concat([head, data]));
      await isAccepted(path);
    });
  });
});

test('mutated METADATA, WHEEL and RECORD are read or refused', fuzzOptions(1500), async () => {
  const path = join(temporaryFolder(), 'packaging-26.0-py3-none-any.whl');
  writeFileSync(path, REAL);
  const wheel = await openWheel(path);
  const texts = await Promise.all(
    wheel.entries.filter(({ name }) => /\/(?:METADATA|WHEEL|RECORD)$/.test(name)).map((entry) => wheel.read(entry)),
  );
  wheel.close();
  await fuzz({ samples: texts.map(({ data }) => data), usual: 1500 }, (data) => {
    const text = data.toString('utf8');
    for (const parse of [parseMetadata, parseWheelMetadata, parseRecord]) refuses(() => parse(text));
  });
});

const CSV_TEXT = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '\0'), maxLength: 40 });

describe('any text', () => {
  test(
    'is METADATA, WHEEL or RECORD, or refused',
    () => {
      const unit = fc.constantFrom(...'Name: Version\n\r\t ,"\0é=\u2028\ufeff-1.a'.split(''));
      fc.assert(
        fc.property(fc.string({ unit, maxLength: 200 }), (text) => {
          for (const parse of [parseMetadata, parseWheelMetadata, parseRecord]) refuses(() => parse(text));
        }),
        fuzzParameters(500),
      );
    },
    fuzzOptions(500).timeout,
  );

  test(
    'in fields of CSV is read as it was written',
    () => {
      const rows = fc.array(fc.array(CSV_TEXT, { minLength: 2, maxLength: 4 }), { maxLength: 5 });
      fc.assert(
        fc.property(rows, (written) => {
          expect(parseCsv(formatCsv(written)).rows).toEqual(written);
        }),
        fuzzParameters(500),
      );
    },
    fuzzOptions(500).timeout,
  );

  test('is read in linear time', { timeout: 120_000 }, () => {
    for (const piece of ['"', 'a,', '""', '\n', 'Name:', ' :', '\r\n ', 'a:b\n', '"",\n']) {
      const text = piece.repeat(150_000);
      refuses(() => parseRecord(text));
      refuses(() => parseMetadata(text));
    }
  });
});

test(
  'RECORD is read as it was written',
  () => {
    const path = fc
      .string({ minLength: 1, maxLength: 20 })
      .filter((text) => !/[\ud800-\udfff]|^\/|^[a-z]:|\.\./i.test(text));
    const digest = fc.record({
      algorithm: fc.constant('sha256' as const),
      hex: fc.string({ unit: fc.constantFrom(...'0123456789abcdef'.split('')), minLength: 64, maxLength: 64 }),
    });
    const row = fc.record({ path, digest, size: fc.nat() });
    fc.assert(
      fc.property(fc.uniqueArray(row, { selector: (each) => each.path, maxLength: 8 }), (rows) => {
        expect(parseRecord(formatRecord(rows))).toEqual({ rows, issues: [] });
      }),
      fuzzParameters(300),
    );
  },
  fuzzOptions(300).timeout,
);
