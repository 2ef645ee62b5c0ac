import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from './cache-folder.js';

// https://specifications.freedesktop.org/basedir-spec/: an empty variable counts as unset, and a relative path is ignored.
test.each([
  [{ XDG_CACHE_HOME: '/var/cache/user' }, '/var/cache/user/pinpack'],
  [{ XDG_CACHE_HOME: '' }, join(homedir(), '.cache/pinpack')],
  [{ XDG_CACHE_HOME: 'cache' }, join(homedir(), '.cache/pinpack')],
  [{}, join(homedir(), '.cache/pinpack')],
])('the cache folder of %j', (environment, folder) => {
  expect(cacheFolder(environment)).toBe(folder);
});
