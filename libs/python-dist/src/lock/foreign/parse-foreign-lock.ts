// Parses the lock of another tool, which it identifies by the file name.
import { basename } from 'node:path';
import { distError } from '../../dist-error.js';
import { parseForeignPylock } from './foreign-pylock.js';
import type { ForeignLock } from './foreign-lock.js';
import { parsePinnedRequirements } from './pinned-requirements.js';
import { parseUvLock } from './uv-lock.js';

const EXPORTS: Record<string, string> = {
  'poetry.lock': 'poetry export --output requirements.txt',
  'pdm.lock': 'pdm export --output requirements.txt',
  'Pipfile.lock': 'pipenv requirements --hash > requirements.txt',
};

/**
 * @param file - its path, whose name decides the format
 * @throws DistError `DIST_LOCK_FOREIGN_UNKNOWN`, `DIST_LOCK_FOREIGN_INVALID`, `DIST_REQUIREMENTS_FILE_INVALID`
 */
export function parseForeignLock(text: string, file: string): ForeignLock {
  const name = basename(file);
  if (name === 'uv.lock') return parseUvLock(text, file);
  if (/^pylock(?:\.[^.]+)?\.toml$/.test(name)) return parseForeignPylock(text, file);
  if (name.endsWith('.txt')) return parsePinnedRequirements(text, file);
  const next = EXPORTS[name];
  throw distError(file, 'DIST_LOCK_FOREIGN_UNKNOWN', [
    'is not a lock that can be imported',
    'expected uv.lock, pylock.toml, pylock.<name>.toml, or a .txt file of exact pins',
    ...(next === undefined ? [] : [`Export it first: ${next}`]),
  ]);
}
