import { afterEach, expect, test, vi } from 'vitest';
import { fuzz, fuzzParameters, fuzzRuns, mutatedCase } from './fuzz.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('cases are the same in every run, and differ from the sample and each other', () => {
  const samples = [Buffer.from('a sample of some bytes, which are more'), Buffer.from('another')];
  const texts = (): string[] =>
    Array.from({ length: 200 }, (_, number) => mutatedCase(samples, number).data.toString('hex'));
  expect(texts()).toEqual(texts());
  expect(new Set(texts()).size).toBeGreaterThan(100);
  expect(samples.map(String)).toEqual(['a sample of some bytes, which are more', 'another']);
});

test('the number of cases is a setting', async () => {
  vi.stubEnv('PINPACK_FUZZ_RUNS', undefined);
  expect(fuzzRuns(5)).toBe(5);
  vi.stubEnv('PINPACK_FUZZ_RUNS', '7');
  let count = 0;
  await fuzz({ samples: [Buffer.from('x')], usual: 5 }, () => count++);
  expect(count).toBe(7);
});

test('a failure names its case', async () => {
  const failing = fuzz({ samples: [Buffer.from('x')], usual: 3 }, () => {
    throw new Error('refused');
  });
  await expect(failing).rejects.toThrow(/^case 0, \d+ bytes: ".*"$/);
});

test('the cases of fast-check only vary at night and while fuzzing', () => {
  vi.stubEnv('PINPACK_FUZZ_RUNS', undefined);
  vi.stubEnv('PINPACK_NIGHTLY', undefined);
  expect(fuzzParameters(5)).toEqual({ numRuns: 5, seed: 1 });
  vi.stubEnv('PINPACK_NIGHTLY', '1');
  expect(fuzzParameters(5)).toEqual({ numRuns: 5 });
  vi.stubEnv('PINPACK_FUZZ_RUNS', '7');
  expect(fuzzParameters(5)).toEqual({ numRuns: 7 });
});
