// Finds the files from which a reqset can start, and names the reqset of each.
import { basename, posix } from 'node:path';
import type { Tree } from '@nx/devkit';
import { CodedError } from '@pinpack/common/coded-error';
import { APPS, REQSETS, reqsetPaths } from '../../workspace/workspace-paths.js';
import { readSource } from '../reqset/read-source.js';

export interface Offer {
  /** Relative to the workspace's root. */
  file: string;
  /** The name of the reqset. */
  name: string;
}

/** Deeper files belong to parts of a project. */
const DEPTH = 2;
const SKIPPED = new Set(['node_modules', 'dist', 'build', 'venv', REQSETS, APPS]);

/** Files that describe the same project, the most exact first. */
const MAIN = [/^pylock\.toml$/, /^uv\.lock$/, /^requirements\.txt$/, /^environment\.ya?ml$/, /^pyproject\.toml$/];
const NAMED =
  /^(?:requirements[-_.](?<first>.+)\.txt|(?<second>.+)[-_.]requirements\.txt|pylock\.(?<third>[^.]+)\.toml|environment[-_.](?<fourth>.+)\.ya?ml)$/;

/** Files whose reqset exists already are left out, so that a second `init` offers nothing again. */
export function findOffers(tree: Tree): Offer[] {
  const offers = filesOf(tree, '.', DEPTH).flatMap((folder) => offersOf(tree, folder));
  const taken = new Set<string>();
  return offers
    .map((offer) => ({ ...offer, name: freeName(offer.name, taken) }))
    .filter(({ name }) => !tree.exists(reqsetPaths(name).requirements));
}

interface Folder {
  path: string;
  files: readonly string[];
}

function filesOf(tree: Tree, path: string, depth: number): Folder[] {
  const children = tree.children(path).sort();
  const files = children.filter((name) => tree.isFile(posix.join(path, name)));
  const folders = children.filter((name) => !files.includes(name) && !SKIPPED.has(name) && !name.startsWith('.'));
  const deeper = depth === 1 ? [] : folders.flatMap((name) => filesOf(tree, posix.join(path, name), depth - 1));
  return [{ path, files }, ...deeper];
}

function offersOf(tree: Tree, { path, files }: Folder): Offer[] {
  const candidates = MAIN.map((pattern) => files.find((name) => pattern.test(name))).filter(
    (name) => name !== undefined,
  );
  const main = candidates.map((name) => posix.join(path, name)).find((file) => hasRequirements(tree, file));
  const inFolder = path === 'requirements' ? files.filter((name) => name.endsWith('.txt')) : [];
  const named = files.filter((name) => NAMED.test(name)).concat(inFolder);
  return [
    ...(main === undefined ? [] : [{ file: main, name: nameOf(tree, path) }]),
    ...[...new Set(named)]
      .map((name) => ({ file: posix.join(path, name), name: slug(stemOf(name)) }))
      .filter(({ file }) => hasRequirements(tree, file)),
  ];
}

/** A pyproject.toml with the settings of tools alone is not offered, and neither is a file that cannot be read. */
function hasRequirements(tree: Tree, file: string): boolean {
  try {
    const { requirements, issues } = readSource(tree.root, file);
    return issues.length > 0 || /^\s*[^#\s]/m.test(requirements) || /^# conda: /m.test(requirements);
  } catch (error) {
    if (error instanceof CodedError) return false;
    throw error;
  }
}

function nameOf(tree: Tree, path: string): string {
  return slug(basename(path === '.' ? tree.root : path));
}

function stemOf(name: string): string {
  const { first, second, third, fourth } = NAMED.exec(name)?.groups ?? {};
  return first ?? second ?? third ?? fourth ?? name.replace(/\.[^.]+$/, '');
}

/** Reqset names have letters and digits, separated by `-` or `_`. */
function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '') || 'reqset1'
  );
}

function freeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}-${String(count)}`;
  taken.add(free);
  return free;
}
