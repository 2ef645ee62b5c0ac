// Property tests of the readers of records and of other small files of a store: they accept what was encoded, and reject everything else with a typed
// error. PINPACK_FUZZ_RUNS sets the number of cases.
import { fuzzParameters } from '@pinpack/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseObjectLines } from '../backends/http-backend-list.js';
import { parseContentDigest } from '../backends/http-backend-protocol.js';
import { parseObjectPath } from '../names/object-keys.js';
import { parseStoreUrl } from '../names/store-url.js';
import { parseServedPath } from '../server/served-path.js';
import { parseServerConfig } from '../server/parse-config.js';
import { LocalRecords } from '../store/local-records.js';
import { StoreError } from '../store-error.js';
import { MachineKey } from './machine-key.js';
import { encodeRecord, parseRecord, type EntryRecord } from './record.js';
import {
  generateSigningKeys,
  isSignedBy,
  parsePublicKey,
  parseSigningKey,
  signFacts,
  signedBytes,
} from './signature.js';

const PARAMETERS = fuzzParameters(300);
const RUNS = PARAMETERS.numRuns;
const TIMEOUT_MS = Math.max(120_000, RUNS * 20);

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: length, maxLength: length });
const text = fc.string({ unit: 'binary', maxLength: 60 }).filter((found) => Buffer.from(found).toString() === found);
const record: fc.Arbitrary<EntryRecord> = fc.record({
  kind: fc.constantFrom('nx', 'wheel', 'rpm'),
  key: fc.stringMatching(/^[0-9A-Za-z_-]{1,128}$/),
  namespace: fc.oneof(
    fc.constant('main' as const),
    fc.stringMatching(/^[0-9A-Za-z_-]{1,20}$/).map((name) => `branch/${name}` as const),
  ),
  sha256: hex(64),
  size: fc.nat(),
  fileName: fc.stringMatching(/^(?:[0-9A-Za-z_][0-9A-Za-z._-]{0,40})?$/),
  attachments: fc.dictionary(text, text, { maxKeys: 4 }),
  created: fc.constant('2026-01-01T00:00:00.000Z'),
});

const keys = generateSigningKeys();
const [signingKey, publicKey] = [parseSigningKey(keys.privateKey, 'test'), parsePublicKey(keys.publicKey, 'test')];

/** The value, or undefined for a typed error. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    return undefined;
  }
}

/** Bytes near valid ones: some are replaced, removed or repeated. */
function damage(bytes: Uint8Array, changes: [number, number, number][]): Buffer {
  let damaged = Buffer.from(bytes);
  for (const [kind, place, byte] of changes) {
    const at = place % (damaged.length + 1);
    const [before, after] = [damaged.subarray(0, at), damaged.subarray(at)];
    if (kind === 0) damaged = Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
    else if (kind === 1) damaged = Buffer.concat([before, after.subarray(1 + (byte % 8))]);
    else damaged = Buffer.concat([before, before.subarray(-(1 + byte)), after]);
  }
  return damaged;
}

const changes = fc.array(fc.tuple(fc.nat(2), fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });

it(
  'a record is read as it was encoded, with its signature',
  () => {
    fc.assert(
      fc.property(record, (facts) => {
        const signed = { ...facts, signature: signFacts(facts, signingKey) };
        const read = parseRecord(encodeRecord(signed), 'test');
        expect(read).toEqual(signed);
        expect(isSignedBy(read, [publicKey])).toBe(true);
      }),
      PARAMETERS,
    );
  },
  TIMEOUT_MS,
);

it(
  'a damaged record is rejected, or its signature is, unless it says the same',
  () => {
    fc.assert(
      fc.property(record, changes, (facts, list) => {
        const signed = { ...facts, signature: signFacts(facts, signingKey) };
        const read = attempt(() => parseRecord(damage(encodeRecord(signed), list), 'test'));
        if (read === undefined || !isSignedBy(read, [publicKey])) return;
        expect(Buffer.from(signedBytes(read)).equals(Buffer.from(signedBytes(facts)))).toBe(true);
      }),
      PARAMETERS,
    );
  },
  TIMEOUT_MS,
);

it(
  'a damaged record of the local folder is rejected or not believed, unless it says the same',
  () => {
    const local = new LocalRecords(MachineKey.temporary(), { publicKeys: [] }, 'a store');
    fc.assert(
      fc.property(record, fc.constantFrom('built', 'remote'), changes, (facts, origin, list) => {
        const bytes = encodeRecord(local.stamp(facts, origin));
        expect(local.isBelieved(parseRecord(bytes, 'test'), bytes)).toBe(true);
        const damaged = damage(bytes, list);
        const read = attempt(() => parseRecord(damaged, 'test'));
        if (read === undefined || !local.isBelieved(read, damaged)) return;
        expect(Buffer.from(signedBytes(read)).equals(Buffer.from(signedBytes(facts)))).toBe(true);
      }),
      PARAMETERS,
    );
  },
  TIMEOUT_MS,
);

it('two different entries never have the same signed bytes', () => {
  fc.assert(
    fc.property(record, record, (a, b) => {
      const facts = ({ created: _, ...rest }: EntryRecord) => ({
        ...rest,
        attachments: Object.entries(rest.attachments).sort(),
      });
      const isSame = Buffer.from(signedBytes(a)).equals(Buffer.from(signedBytes(b)));
      expect(isSame).toBe(JSON.stringify(facts(a)) === JSON.stringify(facts(b)));
    }),
    PARAMETERS,
  );
});

it(
  'readers of text reject what they do not know with a typed error, and never throw anything else',
  async () => {
    const noise = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.webUrl().map((url) => url.replace(/^https?/, 's3')),
      fc.string().map((found) => `v1/main/entries/nx/${found}`),
      fc.string().map((found) => `file:///${found}`),
      fc.string().map((found) => `s3://bucket/${found}?region=${found}`),
    );
    await fc.assert(
      fc.asyncProperty(noise, async (found) => {
        attempt(() => parseRecord(Buffer.from(found), 'test'));
        attempt(() => parseStoreUrl(found));
        attempt(() => parseServerConfig(found, 'config.json'));
        parseContentDigest(found);
        const object = parseObjectPath(found);
        if (object !== undefined) expect(parseServedPath(found)).toBeDefined();
        const lines = parseObjectLines(chunksOf(found), 'test');
        await lines.next().catch((error: unknown) => {
          expect(error).toBeInstanceOf(StoreError);
        });
      }),
      PARAMETERS,
    );
  },
  TIMEOUT_MS,
);

it('a served path stays below its namespace', () => {
  const segment = fc.oneof(
    fc.constantFrom('..', '.', '', 'main', 'branch', 'v1', '%2e%2e', 'a\\b', 'a\0'),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
      const path = ['v1', ...segments].join('/');
      if (parseServedPath(path) === undefined) return;
      expect(path).toMatch(/^v1\/(?:main|branch\/[^/]+)\/[^/]/);
      expect(path.split('/').some((part) => part === '' || part.startsWith('.') || /[%\\\p{Cc}]/u.test(part))).toBe(
        false,
      );
    }),
    { ...PARAMETERS, numRuns: RUNS * 5 },
  );
});

async function* chunksOf(found: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(found));
}
