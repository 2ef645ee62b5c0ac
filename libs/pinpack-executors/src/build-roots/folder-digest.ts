// Digest of everything that a build sees of a root folder. Files are read only if the state of one has changed since the last digest.
import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { rootMounts, type BuildRoot } from '@pinpack/python-dist';
import type { RootCache } from './root-cache.js';

/** Bytecode contains the times of its sources, and a build writes none. */
const IGNORED = '__pycache__';
const EXECUTABLE = 0o111;

interface Member {
  path: string;
  kind: 'file' | 'link';
}

/** @returns `sha256:…`. @throws DistError `DIST_BUILD_ROOT_INVALID` */
export async function digestFolder(root: Pick<BuildRoot, 'folder' | 'subject'>, cache: RootCache): Promise<string> {
  const members = rootMounts(root).flatMap(({ path }) => [...membersBelow(root.folder, path)]);
  const state = createHash('sha256').update(`${root.folder}\n`);
  for (const { path } of members) addState(state, root.folder, path);
  const key = `folder-${state.digest('hex')}`;
  const known = await cache.recall(key);
  if (known !== undefined) return known;
  const content = createHash('sha256').update('pinpack build root 1\n');
  for (const member of members) addContent(content, root.folder, member);
  const digest = `sha256:${content.digest('hex')}`;
  await cache.remember(key, digest);
  return digest;
}

function* membersBelow(root: string, path: string): Generator<Member> {
  const status = lstatSync(join(root, path));
  if (status.isSymbolicLink()) yield { path, kind: 'link' };
  else if (status.isFile()) yield { path, kind: 'file' };
  else if (status.isDirectory()) {
    for (const name of readdirSync(join(root, path)).sort()) {
      if (name !== IGNORED) yield* membersBelow(root, `${path}/${name}`);
    }
  }
}

function addState(hash: Hash, root: string, path: string): void {
  const { ino, size, mode, mtimeNs, ctimeNs } = lstatSync(join(root, path), { bigint: true });
  hash.update(`${path}\0${[ino, size, mode, mtimeNs, ctimeNs].join(' ')}\n`);
}

function addContent(hash: Hash, root: string, { path, kind }: Member): void {
  const file = join(root, path);
  if (kind === 'link') {
    hash.update(`link ${path}\0${readlinkSync(file)}\n`);
    return;
  }
  const isExecutable = (lstatSync(file).mode & EXECUTABLE) !== 0;
  hash.update(`${isExecutable ? 'program' : 'file'} ${path}\0${sha256Of(readFileSync(file))}\n`);
}
