import { describe, expect, test } from 'vitest';
import { formatBytes, Progress } from './progress.js';

/** A stream that remembers, and a clock that is set by hand. */
function stage(isTTY: boolean, total: { items: number; bytes: number }, watched = false) {
  const written: string[] = [];
  const clock = { now: 1_000_000 };
  const stream = { isTTY, write: (text: string) => written.push(text) };
  return { written, clock, progress: new Progress('wheel', total, stream, () => clock.now, watched) };
}

const CLEAR = '\r\u001b[K';

describe('on a terminal', () => {
  test('draws one line again, with bytes and remaining time', () => {
    const { written, clock, progress } = stage(true, { items: 2, bytes: 10_000_000 });
    progress.advance(1_000_000);
    clock.now += 2000;
    progress.advance(1_500_000);
    expect(written).toEqual([
      `${CLEAR}wheel 1 of 2, 1.0 MB of 10.0 MB`,
      `${CLEAR}wheel 1 of 2, 2.5 MB of 10.0 MB, 6 s left`,
    ]);
  });

  test('draws no more often than ten times a second', () => {
    const { written, clock, progress } = stage(true, { items: 1, bytes: 1000 });
    for (let piece = 0; piece < 100; piece++) {
      progress.advance(1);
      clock.now += 10;
    }
    expect(written).toHaveLength(10);
  });

  test('leaves a line for what is done, and goes on below it', () => {
    const { written, clock, progress } = stage(true, { items: 2, bytes: 0 });
    progress.advance(500);
    progress.done('reqset3-wheel-six: 500 B');
    clock.now += 1000;
    progress.advance(500);
    expect(written).toEqual([
      `${CLEAR}wheel 1 of 2, 500 B`,
      `${CLEAR}reqset3-wheel-six: 500 B\n`,
      `${CLEAR}wheel 2 of 2, 1.0 kB`,
    ]);
  });

  test('has no time left, and not less, where more came than was announced', () => {
    const { written, clock, progress } = stage(true, { items: 1, bytes: 100 });
    clock.now += 5000;
    progress.advance(300);
    expect(written).toEqual([`${CLEAR}wheel 1 of 1, 300 B of 100 B, 0 s left`]);
  });
});

describe('in a pipe that somebody watches', () => {
  test('writes a line with bytes and remaining time every two seconds', () => {
    const { written, clock, progress } = stage(false, { items: 2, bytes: 8_000_000 }, true);
    for (let second = 0; second < 4; second++) {
      progress.advance(1_000_000);
      clock.now += 1000;
    }
    progress.advance(0);
    progress.done('reqset3-wheel-numpy: downloaded, 4.0 MB');
    expect(written).toEqual([
      'wheel 1 of 2, 3.0 MB of 8.0 MB, 4 s left\n',
      'wheel 1 of 2, 4.0 MB of 8.0 MB, 4 s left\n',
      'reqset3-wheel-numpy: downloaded, 4.0 MB\n',
    ]);
  });
});

describe('in a log', () => {
  test('writes one line for each thing done, and nothing in between', () => {
    const { written, clock, progress } = stage(false, { items: 2, bytes: 1000 });
    progress.advance(500);
    clock.now += 5000;
    progress.advance(500);
    progress.done('reqset3-wheel-six: downloaded, 1.0 kB');
    progress.done('reqset3-wheel-numpy: from the store, 16.9 MB');
    expect(written).toEqual([
      'reqset3-wheel-six: downloaded, 1.0 kB\n',
      'reqset3-wheel-numpy: from the store, 16.9 MB\n',
    ]);
  });
});

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [16_900_000, '16.9 MB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [999_999, '1.0 MB'],
    [1_000_000, '1.0 MB'],
    [2_500_000_000, '2.5 GB'],
    [4_000_000_000_000, '4000.0 GB'],
  ])('%i is %s', (bytes, expected) => {
    expect(formatBytes(bytes)).toBe(expected);
  });
});
