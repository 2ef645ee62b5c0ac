// Compares with Node's zlib, on what every level and strategy of it writes.
import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { inflateInto } from './inflate-into.js';

const TEXT = Buffer.from('def test_array(self):\n    assert_equal(np.ones(3), [1, 1, 1])\n'.repeat(5000));
const CONTENTS = {
  empty: Buffer.alloc(0),
  'one byte': Buffer.from('a'),
  text: TEXT,
  zeros: Buffer.alloc(1 << 20),
  random: randomBytes(300_000),
  mixed: Buffer.concat([randomBytes(70_000), TEXT, randomBytes(70_000), TEXT]),
};

function inflate(raw: Buffer, size: number): Buffer | undefined {
  // The memory around the target stays as it is.
  const around = Buffer.alloc(size + 8, 0x55);
  const target = around.subarray(4, 4 + size);
  const readInput = (input: Uint8Array): void => {
    input.set(raw);
  };
  const fits = inflateInto(raw.length, readInput, target);
  expect([...around.subarray(0, 4), ...around.subarray(4 + size)]).toEqual(new Array(8).fill(0x55));
  return fits ? target : undefined;
}

test.each(Object.entries(CONTENTS))('inflates what zlib deflated: %s', (_name, content) => {
  const { Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED } = constants;
  for (const level of [0, 1, 6, 9]) {
    for (const strategy of [Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED]) {
      const inflated = inflate(deflateRawSync(content, { level, strategy }), content.length);
      expect(inflated?.equals(content)).toBe(true);
    }
  }
});

test('refuses data of another size, and truncated or damaged data', () => {
  const raw = deflateRawSync(TEXT);
  expect(inflate(raw, TEXT.length - 1)).toBeUndefined();
  expect(inflate(raw, TEXT.length + 1)).toBeUndefined();
  for (let length = 0; length < raw.length; length += 7) {
    expect(inflate(raw.subarray(0, length), TEXT.length)).toBeUndefined();
  }
  expect(inflate(Buffer.alloc(raw.length, 0xff), TEXT.length)).toBeUndefined();
});

test('leaves what is too large for its memory to zlib, unread', () => {
  const isRead = inflateInto(50 << 20, () => expect.unreachable(), new Uint8Array(1));
  expect(isRead).toBe(false);
});
