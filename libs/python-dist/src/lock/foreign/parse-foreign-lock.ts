// Parses the lock of another tool, which it identifies by the file name.
import { basename } from 'node:path';
import { distError } from '../../dist-error.js';
import { parseForeignPylock } from './foreign-pylock.js';
import { normalizeName } from '../../names/normalize-name.js';
import type { ForeignLock, ForeignSelection } from './foreign-lock.js';
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
export function parseForeignLock(text: string, file: string, selected: Partial<ForeignSelection> = {}): ForeignLock {
  const name = basename(file);
  const [extras, groups] = [selected.extras ?? [], selected.groups ?? []].map((names) => names.map(normalizeName));
  const selection = { extras: extras ?? [], groups: groups ?? [] };
  if (name === 'uv.lock') return parseUvLock(text, file, selection);
  if (selection.extras.length > 0 || selection.groups.length > 0) {
    throw distError(file, 'DIST_LOCK_FOREIGN_UNKNOWN', [
      'has the pins of one selection, expected uv.lock with --extra and --group',
      'Leave them out, or select them when the file is made: uv export --extra … --group …',
    ]);
  }
  if (/^pylock(?:\.[^.]+)?\.toml$/.test(name)) return parseForeignPylock(text, file);
  if (name.endsWith('.txt')) return parsePinnedRequirements(text, file);
  const next = EXPORTS[name];
  throw distError(file, 'DIST_LOCK_FOREIGN_UNKNOWN', [
    'is not a lock that can be imported',
    'expected uv.lock, pylock.toml, pylock.<name>.toml, or a .txt file of exact pins',
    ...(next === undefined ? [] : [`Export it first: ${next}`]),
  ]);
}
