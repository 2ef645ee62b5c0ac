import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { formatCompression, OFFERED_COMPRESSIONS, parseCompression } from './compression.js';
import { RpmError } from './errors.js';
import { packPayload } from './payload.js';
import { NONE, textFile } from './samples.fixture.js';
import { describeWith, runForBytes } from '@pinpack/testing';

const TEXT = Array.from({ length: 30_000 }, (_, i) => `some text that repeats, and some that does not: ${i * i}\n`);
const FILES = [textFile('/usr/share/text', TEXT.join(''))];

it.each(OFFERED_COMPRESSIONS)('reads and writes %s', (text) => {
  expect(formatCompression(parseCompression(text))).toBe(text);
});

describe('parseCompression refuses', () => {
  it.each([
    ['zstd:9', 'expected zstd:1, zstd:2, zstd:3, zstd:4, zstd:15, zstd:19: at others applydeltarpm'],
    ['zstd', 'expected zstd:1, zstd:2, zstd:3, zstd:4, zstd:15, zstd:19: '],
    ['xz:8', 'expected xz:1, xz:2, xz:6: applydeltarpm takes 0 for none, and does not allow the memory'],
    ['xz:02', 'expected xz:1, xz:2, xz:6: '],
    ['gzip:6', 'expected gzip:9: applydeltarpm writes gzip at no other'],
    ['bzip2:9', 'expected one of zstd:1, '],
    ['none:1', 'expected one of zstd:1, '],
    ['constructor', 'expected one of zstd:1, '],
    ['', 'expected one of zstd:1, '],
  ])('%s', (text, message) => {
    const parse = () => parseCompression(text);
    expect(parse).toThrow(RpmError);
    expect(parse).toThrow(`compression: found ${JSON.stringify(text)}, ${message}`);
    expect(parse).toThrow(expect.objectContaining({ code: 'RPM_COMPRESSION_INVALID' }));
  });
});

it.each([0, 5, 20, 1.5, NaN])('refuses zstd level %s', async (level) => {
  await expect(packPayload([], { kind: 'zstd', level })).rejects.toMatchObject({ code: 'RPM_COMPRESSION_INVALID' });
});

it.each(['zstd:15', 'xz:1', 'gzip:9'])('leaves this thread to others now and then: %s', async (text) => {
  const state = { turns: 0, isDone: false };
  const counting = (async () => {
    for (; !state.isDone; state.turns++) await nextTurn();
  })();
  await packPayload(FILES, parseCompression(text));
  state.isDone = true;
  await counting;
  expect(state.turns).toBeGreaterThan(10);
});

describeWith(['zstd', 'xz', 'gzip'], 'a compressor', () => {
  it.each(OFFERED_COMPRESSIONS)('gives what unpacks to the same: %s', async (text) => {
    const { kind } = parseCompression(text);
    for (const entries of [FILES, []]) {
      const { data: archive } = await packPayload(entries, NONE);
      const { data } = await packPayload(entries, parseCompression(text));
      const unpacked = kind === 'none' ? data : runForBytes(kind, ['-dc'], data);
      expect(Buffer.from(unpacked).equals(archive)).toBe(true);
    }
  });
});
