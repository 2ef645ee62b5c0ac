/** Set-up file of the unit specs. The spec files of one worker share a process: this restores environment, folder, umask and mocks after each file. */
import { afterAll, vi } from 'vitest';

const environment = { ...process.env };
const folder = process.cwd();
const umask = process.umask();

afterAll(() => {
  for (const name of Object.keys(process.env)) {
    if (!(name in environment)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, environment);
  process.chdir(folder);
  process.umask(umask);
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
