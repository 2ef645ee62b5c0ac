// What a release consists of: the dnf repository as it is, the wheels of the lock, and a simple index of them.
import { PUBLIC_KEY, RECORD } from '@pinpack/rpm-repo';
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { publishedBytes, publishedFile, type PublishedFile } from '@pinpack/publication';
import { simplePages } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { repositoryPaths } from '../repository/repository-paths.js';
import { setLabel } from '@pinpack/rpm-packaging';
import { readLock } from '../workspace/read-lock.js';
import { readWheels, type PublishedWheel } from './read-wheels.js';
import { formatWheelList, WHEEL_LIST } from './wheel-list.js';

export interface ComposedRelease {
  files: PublishedFile[];
  /** The public key, where the repository is signed. */
  key: PublishedFile | undefined;
}

/** From a project's page to the wheels of its own release. */
const WHEELS_OF_RELEASE = '../../wheels';

/**
 * @param set - `reqset3`, `multi/py311`
 * @throws PinpackError `PINPACK_NOT_BUILT`, `PINPACK_LOCK_MISSING`
 */
export async function composeRelease(root: string, set: string): Promise<ComposedRelease> {
  const repository = await readRepository(root, set);
  const wheels = await readWheels(root, set, readLock(root, set));
  return {
    files: [...repository, ...filesOfWheels(wheels)],
    key: repository.find(({ path }) => path === PUBLIC_KEY),
  };
}

/** Wheels, their list, and their index. */
export function filesOfWheels(wheels: readonly PublishedWheel[]): PublishedFile[] {
  const listed = wheels.map((wheel) => wheel.listed);
  const pages = simplePages(listed.map((wheel) => ({ ...wheel, folder: WHEELS_OF_RELEASE })));
  return [
    ...wheels.flatMap(({ files }) => files),
    publishedBytes(WHEEL_LIST, formatWheelList(listed)),
    ...pages.map(({ path, content, contentType }) => publishedBytes(path, content, contentType)),
  ];
}

async function readRepository(root: string, set: string): Promise<PublishedFile[]> {
  const { repository: folder } = repositoryPaths(set);
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => pathBelow(join(root, folder), entry));
  if (!paths.includes(RECORD) || !paths.includes('repodata/repomd.xml')) {
    throw new PinpackError('PINPACK_NOT_BUILT', folder, [
      'there is no repository to publish',
      `Make it: nx run ${setLabel(set)}:repo`,
    ]);
  }
  const files: PublishedFile[] = [];
  for (const path of paths.sort()) files.push(await publishedFile(path, join(root, folder, path)));
  return files;
}

function pathBelow(folder: string, { parentPath, name }: Dirent): string {
  return join(relative(folder, parentPath), name);
}
