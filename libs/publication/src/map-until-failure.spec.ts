import { expect, test } from 'vitest';
import { mapUntilFailure } from './map-until-failure.js';

test('returns the results in the order of the items', async () => {
  const slowFirst = async (item: number): Promise<number> => {
    await new Promise((done) => setTimeout(done, 20 - item));
    return item * 2;
  };
  expect(await mapUntilFailure([1, 2, 3], slowFirst, 2)).toEqual([2, 4, 6]);
});

test('after a failure starts no further item, and waits for those in flight', async () => {
  const finished: number[] = [];
  const started: number[] = [];
  const task = async (item: number): Promise<void> => {
    started.push(item);
    await new Promise((done) => setTimeout(done, item * 10));
    if (item === 1) throw new Error('the first');
    finished.push(item);
  };
  await expect(mapUntilFailure([1, 2, 3, 4], task, 2)).rejects.toThrow('the first');
  expect({ started, finished }).toEqual({ started: [1, 2], finished: [2] });
});
