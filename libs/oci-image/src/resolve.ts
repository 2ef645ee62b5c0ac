/** Resolves paths in an unpacked image as a process with that root would, so links never lead out of the folder. */
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What stands in the way of going on into a folder; undefined where nothing is there. */
export type Obstacle = 'file' | undefined;

const MOST_LINKS = 40;

/** The path of what a path in the root leads to, at last; undefined where there is nothing. */
export function resolveInRoot(root: string, path: string): string | undefined {
  const words = path.split('/');
  return followInRoot(root, words, (_path, obstacle, isLast) => obstacle === 'file' && isLast);
}

/**
 * Goes along the words of a path.
 *
 * @param pass - whether to go on where a word names no folder: it may make one
 * @returns undefined where `pass` refuses, or links lead in a circle
 */
export function followInRoot(
  root: string,
  words: readonly string[],
  pass: (path: string, obstacle: Obstacle, isLast: boolean) => boolean,
): string | undefined {
  let at = root;
  const ahead = words.filter(isStep);
  for (let links = 0; ahead.length > 0;) {
    const word = ahead.shift() ?? '';
    if (word === '..') {
      at = at === root ? at : dirname(at);
      continue;
    }
    const path = join(at, word);
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status?.isSymbolicLink() === true) {
      if (++links > MOST_LINKS) return undefined;
      const target = readlinkSync(path);
      if (target.startsWith('/')) at = root;
      ahead.unshift(...target.split('/').filter(isStep));
      continue;
    }
    const isFolder = status?.isDirectory() === true;
    if (!isFolder && !pass(path, status && 'file', ahead.length === 0)) return undefined;
    at = path;
  }
  return at;
}

function isStep(word: string): boolean {
  return word !== '' && word !== '.';
}
