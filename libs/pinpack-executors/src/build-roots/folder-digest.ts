// Digest of everything that a build sees of a root folder. Files are read only if the state of one has changed since the last digest.
import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { rootMounts, type BuildRoot } from '@pinpack/python-dist';
import type { RootCache } from './root-cache.js';

/** Bytecode contains the times of its sources, and a build writes none. */
const IGNORED = '__pycache__';
const EXECUTABLE = 0o111n;

/** A file or a symbolic link. */
interface Member {
  path: string;
  status: BigIntStats;
}

/** @returns `sha256:…`. @throws DistError `DIST_BUILD_ROOT_INVALID` */
export async function digestFolder(root: Pick<BuildRoot, 'folder' | 'subject'>, cache: RootCache): Promise<string> {
  const members = rootMounts(root).flatMap(({ path }) => [...membersBelow(root.folder, path)]);
  const state = createHash('sha256').update(`${root.folder}\n`);
  for (const member of members) addState(state, member);
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
  const status = lstatSync(join(root, path), { bigint: true });
  if (status.isSymbolicLink() || status.isFile()) yield { path, status };
  else if (status.isDirectory()) {
    for (const name of readdirSync(join(root, path)).sort()) {
      if (name !== IGNORED) yield* membersBelow(root, `${path}/${name}`);
    }
  }
}

function addState(hash: Hash, { path, status }: Member): void {
  const { ino, size, mode, mtimeNs, ctimeNs } = status;
  hash.update(`${path}\0${[ino, size, mode, mtimeNs, ctimeNs].join(' ')}\n`);
}

function addContent(hash: Hash, root: string, { path, status }: Member): void {
  const file = join(root, path);
  if (status.isSymbolicLink()) {
    hash.update(`link ${path}\0${readlinkSync(file)}\n`);
    return;
  }
  const isExecutable = (status.mode & EXECUTABLE) !== 0n;
  hash.update(`${isExecutable ? 'program' : 'file'} ${path}\0${sha256Of(readFileSync(file))}\n`);
}
