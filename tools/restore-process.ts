/** Set-up file of the unit specs. The spec files of one worker share a process: this restores environment, folder and mocks after each file, and fixes the
 * seed of property tests. */
import fc from 'fast-check';
import { afterAll, vi } from 'vitest';

// The result of a run depends on the change alone; `npm run fuzz` and `npm run nightly` try other cases each time.
if (process.env.PINPACK_FUZZ_RUNS === undefined && process.env.PINPACK_NIGHTLY !== '1') fc.configureGlobal({ seed: 1 });

const environment = { ...process.env };
const folder = process.cwd();

afterAll(() => {
  for (const name of Object.keys(process.env)) {
    if (!(name in environment)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, environment);
  process.chdir(folder);
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
