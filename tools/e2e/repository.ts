/** Repositories for dnf, as createrepo_c makes them, in which the host's /usr is a package too. */
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hostShim } from './host-shim.js';
import { readProgram } from './program.js';

/** Puts the RPMs and the host's shim into `folder`, beside what is there already, and writes its metadata. Gives the folder. */
export async function makeRepository(folder: string, rpms: readonly string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const files = [...rpms, await hostShim()];
  await Promise.all(files.map((file) => linkOrCopy(file, join(folder, basename(file)))));
  await readProgram('createrepo_c', ['--quiet', folder]);
  return folder;
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  // Hard links do not reach another file system.
  await link(from, to).catch(() => copyFile(from, to));
}
