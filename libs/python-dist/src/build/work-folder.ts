// Safe access to the work folder of a build, whose content the build determines: it may contain links to files of the machine, pipes and endless files.
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { distError, type DistError } from '../dist-error.js';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { WORK_FOLDERS } from './sandbox.js';

const MAX_RESULT_BYTES = 16 * 1024 * 1024;

/** Creates the folders that are missing. Mounts would follow a link. @throws DistError `DIST_BUILD_OUTPUT` */
export async function prepareWorkFolder(work: string): Promise<void> {
  await mkdir(work, { recursive: true });
  for (const name of WORK_FOLDERS) {
    const found = await lstat(join(work, name)).catch(undefinedIfAbsent);
    if (found === undefined) await mkdir(join(work, name));
    else if (!found.isDirectory()) throw unexpectedOutput(name, 'a folder');
  }
  await rm(join(work, 'result.json'), { force: true, recursive: true });
}

/** The path of a file that a build made. @throws DistError `DIST_BUILD_OUTPUT` unless it is a regular file in folders */
export function builtFile(work: string, ...names: readonly string[]): Promise<string> {
  return builtPath(work, names, true);
}

/** The path of a folder that a build made. @throws DistError `DIST_BUILD_OUTPUT` unless it is a folder in folders */
export function builtFolder(work: string, ...names: readonly string[]): Promise<string> {
  return builtPath(work, names, false);
}

async function builtPath(work: string, names: readonly string[], isFile: boolean): Promise<string> {
  let path = work;
  for (const [index, name] of names.entries()) {
    path = join(path, name);
    const found = await lstat(path).catch(undefinedIfAbsent);
    const isLast = isFile && index === names.length - 1;
    const isExpected = isLast ? found?.isFile() : found?.isDirectory();
    if (name.includes('/') || name === '..' || isExpected !== true)
      throw unexpectedOutput(names.slice(0, index + 1).join('/'), isLast ? 'a regular file' : 'a folder');
  }
  return path;
}

/** Reads a small file that a build made. @throws DistError `DIST_BUILD_OUTPUT` */
export async function readBuiltFile(work: string, ...names: readonly string[]): Promise<string> {
  const file = await open(await builtFile(work, ...names), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await file.stat();
    if (size > MAX_RESULT_BYTES) throw unexpectedOutput(names.join('/'), `a file of at most ${MAX_RESULT_BYTES} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

/** Removes what a build may have made unreadable, or nested deeper than a path may be long. */
export async function removeWorkFolder(work: string): Promise<void> {
  try {
    await rm(work, { recursive: true, force: true });
  } catch {
    const { execa } = await import('execa');
    await chmod(work, 0o700).catch(undefinedIfAbsent);
    await execa('chmod', ['-R', 'u+rwX', '--', work], { reject: false, stdio: 'ignore' });
    await execa('rm', ['-rf', '--', work], { reject: false, stdio: 'ignore' });
  }
}

export function unexpectedOutput(name: string, expected: string): DistError {
  return distError(name, 'DIST_BUILD_OUTPUT', [
    `in the work folder of the build is not what pinpack reads, expected ${expected}`,
    'The build backend replaced it or did not write it. Check the source of this distribution before you use it.',
  ]);
}
