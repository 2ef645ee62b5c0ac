import { describe, expect, test, vi } from 'vitest';
import { Progress } from './progress.js';

interface Stage {
  isTTY?: boolean;
  isWatched?: boolean;
  columns?: number;
  environment?: Record<string, string>;
}

/** A stream that remembers, and a clock that is set by hand. */
function stage(
  total: { items: number; bytes: number },
  { isTTY = false, isWatched = false, columns = 120, environment = { NO_COLOR: '1' } }: Stage = {},
) {
  const written: string[] = [];
  const clock = { now: 1_000_000 };
  const stream = { isTTY, columns, write: (text: string) => written.push(text) };
  const progress = new Progress('wheel', total, { stream, now: () => clock.now, isWatched, environment });
  return { written, clock, progress };
}

const CLEAR = '\r\u001b[K';
const TERMINAL = { isTTY: true };

describe('on a terminal', () => {
  test('draws one line again, with bytes, rate and remaining time', () => {
    const { written, clock, progress } = stage({ items: 2, bytes: 10_000_000 }, TERMINAL);
    progress.advance(1_000_000);
    clock.now += 2000;
    progress.advance(1_500_000);
    expect(written).toEqual([
      `${CLEAR}wheel 1 of 2, 1.0 MB of 10.0 MB`,
      `${CLEAR}wheel 1 of 2, 2.5 MB of 10.0 MB, 1.3 MB/s, 6 s left`,
    ]);
  });

  test('the rate is that of the last seconds', () => {
    const { clock, progress } = stage({ items: 1, bytes: 1_000_000_000 }, TERMINAL);
    for (let second = 0; second < 60; second++) {
      clock.now += 1000;
      progress.advance(second < 40 ? 10_000_000 : 1_000_000);
    }
    expect(progress.line()).toContain(', 1.0 MB/s, ');
  });

  test('draws no more often than ten times a second', () => {
    const { written, clock, progress } = stage({ items: 1, bytes: 1000 }, TERMINAL);
    for (let piece = 0; piece < 100; piece++) {
      progress.advance(1);
      clock.now += 10;
    }
    expect(written).toHaveLength(10);
  });

  test('leaves a line for what is done, and goes on below it', () => {
    const { written, clock, progress } = stage({ items: 2, bytes: 0 }, TERMINAL);
    progress.advance(500);
    progress.done('reqset3-wheel-six: 500 B');
    clock.now += 2000;
    progress.advance(500);
    progress.done('reqset3-wheel-numpy: 500 B');
    expect(written.join('|')).toBe(
      [
        `${CLEAR}wheel 1 of 2, 500 B`,
        ...[CLEAR, 'reqset3-wheel-six: 500 B\n', `${CLEAR}wheel 2 of 2, 500 B`],
        // Without known bytes, by items.
        `${CLEAR}wheel 2 of 2, 1.0 kB, 500 B/s, 2 s left`,
        ...[CLEAR, 'reqset3-wheel-numpy: 500 B\n'],
      ].join('|'),
    );
  });

  test('has no time left, and not less, where more came than was announced', () => {
    const { written, clock, progress } = stage({ items: 1, bytes: 100 }, TERMINAL);
    clock.now += 5000;
    progress.advance(300);
    expect(written).toEqual([`${CLEAR}wheel 1 of 1, 300 B of 100 B, 60 B/s, 0 s left`]);
  });

  test('is not longer than the terminal is wide', () => {
    const { written, progress } = stage({ items: 1, bytes: 100 }, { isTTY: true, columns: 20 });
    progress.advance(3);
    expect(written).toEqual([`${CLEAR}wheel 1 of 1, 3 B o`]);
  });

  test('has colours, unless the environment forbids them', () => {
    const drawn = (environment: Record<string, string>): string => {
      const { written, progress } = stage({ items: 1, bytes: 100 }, { isTTY: true, environment });
      progress.advance(3);
      return written.join('');
    };
    // Nx sets FORCE_COLOR for its tasks.
    expect(drawn({ FORCE_COLOR: 'true' })).toBe(
      `${CLEAR}\u001b[1mwheel 1 of 1\u001b[22m, \u001b[36m3 B of 100 B\u001b[39m`,
    );
    for (const environment of [
      { NO_COLOR: '1', FORCE_COLOR: 'true' },
      { FORCE_COLOR: '0' },
      { TERM: 'dumb' },
    ] as Record<string, string>[])
      expect(drawn(environment)).toBe(`${CLEAR}wheel 1 of 1, 3 B of 100 B`);
  });

  test('names a task that takes long, clears the line before its error, and holds no process', async () => {
    vi.useFakeTimers();
    try {
      const { written, clock, progress } = stage({ items: 2, bytes: 0 }, TERMINAL);
      const failed = progress.during(
        'scipy',
        () => new Promise((_, reject) => setTimeout(reject, 130_000, new Error('broken'))),
      );
      const checked = expect(failed).rejects.toThrow('broken');
      for (let second = 0; second < 130; second++) {
        clock.now += 1000;
        await vi.advanceTimersByTimeAsync(1000);
      }
      await checked;
      expect(written).toContain(`${CLEAR}wheel 1 of 2, scipy for 2 min 5 s`);
      expect(written.at(-1)).toBe(CLEAR);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('in a pipe that somebody watches', () => {
  test('writes a line with bytes and remaining time every two seconds', () => {
    const { written, clock, progress } = stage({ items: 2, bytes: 8_000_000 }, { isWatched: true });
    for (let second = 0; second < 4; second++) {
      progress.advance(1_000_000);
      clock.now += 1000;
    }
    progress.advance(0);
    progress.done('reqset3-wheel-numpy: downloaded, 4.0 MB');
    expect(written).toEqual([
      'wheel 1 of 2, 3.0 MB of 8.0 MB, 1.5 MB/s, 4 s left\n',
      'wheel 1 of 2, 4.0 MB of 8.0 MB, 1.0 MB/s, 4 s left\n',
      'reqset3-wheel-numpy: downloaded, 4.0 MB\n',
    ]);
  });

  test('says nothing before anything has come, and has the colours that Nx wants', async () => {
    vi.useFakeTimers();
    try {
      const environment = { FORCE_COLOR: 'true' };
      const { written, clock, progress } = stage({ items: 2, bytes: 0 }, { isWatched: true, environment });
      const task = progress.during('scipy', () => new Promise((resolve) => setTimeout(resolve, 6000)));
      for (let second = 0; second < 6; second++) {
        clock.now += 1000;
        await vi.advanceTimersByTimeAsync(1000);
      }
      await task;
      expect(written).toEqual(['\u001b[1mwheel 1 of 2\u001b[22m, \u001b[36mscipy for 5 s\u001b[39m\n']);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('in a log', () => {
  test('writes one line for each thing done, and nothing in between', () => {
    const { written, clock, progress } = stage({ items: 2, bytes: 1000 });
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

  test('writes a line at a quarter, the half and three quarters of long work', () => {
    const { written, clock, progress } = stage({ items: 1, bytes: 100_000_000 });
    for (let second = 0; second < 100; second++) {
      clock.now += 1000;
      progress.advance(1_000_000);
    }
    expect(written).toEqual([
      'wheel 1 of 1, 25.0 MB of 100.0 MB, 1.0 MB/s, 1 min 15 s left\n',
      'wheel 1 of 1, 50.0 MB of 100.0 MB, 1.0 MB/s, 50 s left\n',
      'wheel 1 of 1, 75.0 MB of 100.0 MB, 1.0 MB/s, 25 s left\n',
    ]);
  });

  test('writes a line each minute for a task that takes minutes', async () => {
    vi.useFakeTimers();
    try {
      const { written, clock, progress } = stage({ items: 2, bytes: 0 });
      const task = progress.during('scipy', () => new Promise((resolve) => setTimeout(resolve, 150_000)));
      for (let second = 0; second < 150; second++) {
        clock.now += 1000;
        await vi.advanceTimersByTimeAsync(1000);
      }
      await task;
      expect(written).toEqual(['wheel 1 of 2, scipy for 1 min\n', 'wheel 1 of 2, scipy for 2 min\n']);
    } finally {
      vi.useRealTimers();
    }
  });
});
