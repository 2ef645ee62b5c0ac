// `rpm-gen extract`: writes the files of a package into a new folder. Nothing of the package can lead out of it.
import { link, mkdir, open, readdir, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { RpmError } from '../errors.js';
import { listFiles, type ListedFile } from '../file-list.js';
import type { StreamedFile } from '../read-rpm-file.js';
import { isNormalPath } from '../validate-entries.js';
import { withRpm, type Command } from './command.js';

export const extractCommand: Command = {
  synopsis: '<rpm> [--directory <folder>]',
  about: 'writes the files into a new folder',
  files: [1, 1],
  options: { directory: { type: 'string', short: 'C' } },
  run: async (files, { directory }) => {
    const [file] = files;
    if (file === undefined) throw new TypeError('expected one file');
    const folder = typeof directory === 'string' ? directory : basename(file).replace(/\.rpm$/, '');
    return withRpm(file, async ({ read, files: stream }) => {
      const payload = listFiles(read.header).filter(({ isGhost }) => !isGhost);
      checkPaths(payload, file, read.header.SOURCEPACKAGE !== undefined);
      await checkEmpty(folder);
      await write(stream(), folder);
      const written = payload.filter(({ kind }) => kind !== 'other').map(({ path }) => path);
      const left = payload.length - written.length;
      const skipped = left === 0 ? '' : `, ${left} devices and pipes left out`;
      return { text: `${folder}: ${written.length} files and folders${skipped}`, json: { folder, files: written } };
    });
  },
};

/** Symbolic links are made last, so that no file is written through one; a file below one of the package's links is refused. */
async function write(files: AsyncIterable<StreamedFile>, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const links: StreamedFile[] = [];
  try {
    for await (const file of files) {
      const at = join(folder, file.path);
      if (file.kind === 'directory') await mkdir(at, { recursive: true });
      else await mkdir(dirname(at), { recursive: true });
      if (file.kind === 'symlink') links.push(file);
      if (file.linkTo !== undefined) await link(join(folder, file.linkTo), at);
      else if (file.kind === 'file') await writeContent(at, file);
    }
    for (const { path, target = '' } of links) await symlink(target, join(folder, path));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Without setuid, setgid and sticky. */
async function writeContent(path: string, { content, mode }: StreamedFile): Promise<void> {
  const file = await open(path, 'wx', mode & 0o777);
  try {
    for await (const piece of content ?? []) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}

/** @throws RpmError `RPM_EXTRACT_REFUSED` for a path that leads out of the folder, by `..` or by a link of the package */
export function checkPaths(
  files: readonly Pick<ListedFile, 'path' | 'kind'>[],
  subject: string,
  isSource = false,
): void {
  const links = new Set(files.filter(({ kind }) => kind === 'symlink').map(({ path }) => path));
  for (const { path } of files) {
    // A source package's are plain names.
    const absolute = isSource ? `/${path}` : path;
    const parts = absolute.split('/').slice(1);
    if (!isNormalPath(absolute) || path.includes('\0'))
      throw refused(subject, `has the path ${JSON.stringify(path)}, expected one without "." and ".."`);
    const parent = parts.map((_, at) => `/${parts.slice(0, at).join('/')}`).find((one) => links.has(one));
    if (parent !== undefined)
      throw refused(subject, `${path} is below the symbolic link ${parent}, expected a folder there`);
  }
}

async function checkEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch(undefinedIfAbsent);
  if (names === undefined || names.length === 0) return;
  throw refused(folder, `has ${names.length} entries, expected a new or an empty folder. Name another: --directory`);
}

function refused(subject: string, message: string): RpmError {
  return new RpmError('RPM_EXTRACT_REFUSED', subject, message);
}
