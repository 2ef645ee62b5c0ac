import type { TaskGraph } from '@nx/devkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PinpackError } from '../pinpack-error.js';
import { runBatch } from './run-batch.js';

/** A graph of tasks `x:rpm`, from the dependencies of each. */
function graphOf(dependencies: Record<string, string[]>): TaskGraph {
  const tasks = Object.fromEntries(Object.keys(dependencies).map((id) => [id, { id } as TaskGraph['tasks'][string]]));
  return { roots: [], tasks, dependencies, continuousDependencies: {} };
}

/** Runs a graph; a task's option is its own id. */
function run(graph: TaskGraph, atOnce: number, task: (id: string) => Promise<void>) {
  return runBatch(graph, Object.fromEntries(Object.keys(graph.tasks).map((id) => [id, id])), atOnce, task);
}

let printed: string[] = [];

beforeEach(() => {
  printed = [];
  vi.spyOn(console, 'error').mockImplementation((line: string) => void printed.push(line));
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('runBatch', () => {
  test('runs what is needed first, and each once', async () => {
    const order: string[] = [];
    const graph = graphOf({ top: ['left', 'right'], left: ['base'], right: ['base'], base: [] });
    const results = await run(graph, 8, async (id) => {
      await Promise.resolve();
      order.push(id);
    });
    expect(order).toHaveLength(4);
    expect([order[0], order[3]]).toEqual(['base', 'top']);
    expect(Object.keys(results)).toEqual(['top', 'left', 'right', 'base']);
    expect(Object.values(results).every(({ success, terminalOutput }) => success && terminalOutput === '')).toBe(true);
  });

  test('runs what is needed first in graphs of Nx 24, whose dependencies are objects', async () => {
    const order: string[] = [];
    const graph = graphOf({ top: ['base'], base: [] });
    const dependencies = { top: [{ id: 'base' }], base: [] } as unknown as TaskGraph['dependencies'];
    await run({ ...graph, dependencies }, 8, async (id) => {
      await new Promise((resolve) => setImmediate(resolve));
      order.push(id);
    });
    expect(order).toEqual(['base', 'top']);
  });

  test('fails what depends on a failure without running it, and goes on with the rest', async () => {
    const ran: string[] = [];
    const graph = graphOf({ top: ['middle'], middle: ['broken'], broken: [], other: [] });
    const results = await run(graph, 2, (id) => {
      ran.push(id);
      return id === 'broken' ? Promise.reject(new PinpackError('PINPACK_X', 'broken', 'is broken')) : Promise.resolve();
    });
    expect(ran.sort()).toEqual(['broken', 'other']);
    expect(Object.fromEntries(Object.entries(results).map(([id, { terminalOutput }]) => [id, terminalOutput]))).toEqual(
      {
        top: 'not run: a task that it depends on failed\n',
        middle: 'not run: a task that it depends on failed\n',
        broken: 'broken: is broken [PINPACK_X]\n',
        other: '',
      },
    );
    expect(
      Object.entries(results)
        .filter(([, { success }]) => success)
        .map(([id]) => id),
    ).toEqual(['other']);
    expect(printed.sort()).toEqual([
      'broken: broken: is broken [PINPACK_X]',
      'middle: not run: a task that it depends on failed',
      'top: not run: a task that it depends on failed',
    ]);
  });

  test('runs no more at once than it may, and as many as it may', async () => {
    let [now, most] = [0, 0];
    const graph = graphOf(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`task${index}`, []])));
    await run(graph, 3, async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
    });
    expect(most).toBe(3);
  });

  test('treats tasks outside of the batch as done', async () => {
    const results = await run(graphOf({ one: ['elsewhere:wheel'] }), 1, () => Promise.resolve());
    expect(results.one?.success).toBe(true);
  });

  test('has the times of each task', async () => {
    const { one } = await run(graphOf({ one: [] }), 1, () => Promise.resolve());
    expect(one?.endTime).toBeGreaterThanOrEqual(one?.startTime ?? Infinity);
  });
});
