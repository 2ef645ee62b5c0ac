/** Makes dnf repositories with createrepo_c, in which the host shim stands for the host's /usr. */
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { encodeHostShim, readHostFacts } from './host-shim.js';
import { readProgram } from '@pinpack/common/program';

export interface RepositoryOptions {
  /** Whether the repository contains the host shim. Default: true. False for RPMs that are installed over another /usr. */
  withHost?: boolean;
}

/** Adds the RPMs to `folder` and writes its metadata. @returns the folder */
export async function makeRepository(
  folder: string,
  rpms: readonly string[],
  { withHost = true }: RepositoryOptions = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  await Promise.all(rpms.map((file) => linkOrCopy(file, join(folder, basename(file)))));
  if (withHost) {
    const shim = await encodeHostShim(await readHostFacts(await readRequires(rpms)));
    await writeFileAtomically(join(folder, shim.fileName), shim.chunks);
  }
  await readProgram('createrepo_c', ['--quiet', folder]);
  return folder;
}

/** The names of all that the RPMs require. */
async function readRequires(rpms: readonly string[]): Promise<string[]> {
  if (rpms.length === 0) return [];
  const names = await readProgram('rpm', ['-qp', '--nosignature', '--qf', '[%{REQUIRENAME}\\n]', ...rpms]);
  return names.split('\n').filter((name) => name !== '');
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  // Hard links do not work across file systems.
  await link(from, to).catch(() => copyFile(from, to));
}
