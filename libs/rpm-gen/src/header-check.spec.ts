import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { attemptSync, describeWith, temporaryFolder } from '@pinpack/testing';
import { RpmError } from './errors.js';
import { LEAD_SIZE } from './lead.js';
import { readRpm } from './read.js';
import { minimalSpec, sampleEntries, sampleRpm, ZSTD } from './samples.fixture.js';

const INTRO = 16;
const ENTRY = 16;
const [TAG, TYPE, OFFSET, COUNT] = [0, 4, 8, 12];
/** The tag of SHA1 in a signature header. */
const SHA1 = 269;

type Change = (rpm: Buffer, places: { entry: (at: number) => number; sha1: number; data: number; end: number }) => void;

const DAMAGES: Record<string, Change> = {
  'a lead of version 2': (rpm) => rpm.writeUInt8(2, 4),
  'a lead of version 5': (rpm) => rpm.writeUInt8(5, 4),
  'a lead with another kind of signature': (rpm) => rpm.writeUInt16BE(1, 78),
  'reserved bytes of a header that are not zero': (rpm) => rpm.writeUInt8(1, LEAD_SIZE + 7),
  'a region of another type': (rpm, { entry }) => rpm.writeUInt32BE(8, entry(0) + TYPE),
  'a region that is no region': (rpm, { entry }) => rpm.writeUInt32BE(1000, entry(0) + TAG),
  'a region whose trailer is elsewhere': (rpm, { entry }) => rpm.writeUInt32BE(0, entry(0) + OFFSET),
  'a region with a shorter trailer': (rpm, { entry }) => rpm.writeUInt32BE(8, entry(0) + COUNT),
  'a trailer of another tag': (rpm, { end }) => rpm.writeUInt32BE(100, end - ENTRY + TAG),
  'a trailer of another type': (rpm, { end }) => rpm.writeUInt32BE(6, end - ENTRY + TYPE),
  'a trailer for more tags': (rpm, { end }) => rpm.writeInt32BE(-ENTRY * 100, end - ENTRY + OFFSET),
  'a trailer for half a tag': (rpm, { end }) => rpm.writeInt32BE(-ENTRY / 2, end - ENTRY + OFFSET),
  'a trailer of another size': (rpm, { end }) => rpm.writeUInt32BE(0, end - ENTRY + COUNT),
  'a reserved tag': (rpm, { entry }) => rpm.writeUInt32BE(99, entry(1) + TAG),
  'a negative tag': (rpm, { entry }) => rpm.writeUInt32BE(0xffffffff, entry(1) + TAG),
  'type 0': (rpm, { entry }) => rpm.writeUInt32BE(0, entry(1) + TYPE),
  'type 10': (rpm, { entry }) => rpm.writeUInt32BE(10, entry(1) + TYPE),
  'no items': (rpm, { entry }) => rpm.writeUInt32BE(0, entry(1) + COUNT),
  'more items than bytes': (rpm, { entry }) => rpm.writeUInt32BE(0x0fffffff, entry(1) + COUNT),
  'two items of a single text': (rpm, { sha1 }) => rpm.writeUInt32BE(2, sha1 + COUNT),
  'integers at an odd offset': (rpm, { sha1 }) => {
    rpm.writeUInt32BE(4, sha1 + TYPE);
    rpm.writeUInt32BE(rpm.readUInt32BE(sha1 + OFFSET) + 1, sha1 + OFFSET);
  },
  'data before that of the entry before': (rpm, { entry }) => rpm.writeUInt32BE(0, entry(2) + OFFSET),
  'data outside of the header': (rpm, { entry }) => rpm.writeUInt32BE(0x7fffffff, entry(2) + OFFSET),
  'a text without an end': (rpm, { data, end }) => rpm.fill('a', data, end - ENTRY),
  'a wrong SHA-1 beside a right SHA-256': (rpm, { sha1, data }) => {
    const at = data + rpm.readUInt32BE(sha1 + OFFSET);
    rpm.write(rpm.toString('latin1', at, at + 1) === '0' ? '1' : '0', at, 'latin1');
  },
};

/** Programs append tags behind the region. */
const ALLOWED: Record<string, Change> = {
  'a region of fewer tags': (rpm, { end }) => rpm.writeInt32BE(-ENTRY, end - ENTRY + OFFSET),
};

describeWith(['rpm'], 'a changed signature header', () => {
  it.each([
    ...Object.entries(DAMAGES).map(([name, change]) => ({ name, change, verdict: 'refused' })),
    ...Object.entries(ALLOWED).map(([name, change]) => ({ name, change, verdict: 'accepted' })),
  ])('is $verdict as by rpm: $name', async ({ change, verdict }) => {
    const rpm = Buffer.from(await sampleRpm(minimalSpec(), sampleEntries(), ZSTD));
    const count = rpm.readUInt32BE(LEAD_SIZE + 8);
    const entry = (at: number): number => LEAD_SIZE + INTRO + ENTRY * at;
    const sha1 = Array.from({ length: count }, (_, at) => entry(at)).find((at) => rpm.readUInt32BE(at) === SHA1) ?? 0;
    expect(() => readRpm(rpm)).not.toThrow();
    change(rpm, { entry, sha1, data: entry(count), end: entry(count) + rpm.readUInt32BE(LEAD_SIZE + 12) });
    const path = join(temporaryFolder(), 'damaged.rpm');
    writeFileSync(path, rpm);
    const { exitCode } = attemptSync('rpm', ['-K', '--nosignature', path]);
    expect(exitCode === 0 ? 'accepted' : 'refused').toBe(verdict);
    expect(verdictOf(rpm)).toBe(verdict);
  });
});

function verdictOf(rpm: Buffer): string {
  try {
    readRpm(rpm);
    return 'accepted';
  } catch (error) {
    expect(error).toBeInstanceOf(RpmError);
    return 'refused';
  }
}
