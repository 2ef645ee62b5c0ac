// Unpacks a .zip sdist, which PEP 625 no longer allows, with the strict zip reader of wheels: regular files only.
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { throwIssues } from '../dist-error.js';
import { PositionedFile } from '../zip/positioned-file.js';
import { readWheelFiles } from '../zip/zip-files.js';
import { inflateZipData } from '../zip/zip-data.js';

/** @throws DistError `DIST_WHEEL_*`: the zip checks are those of wheels */
export async function unpackZip(archive: string, folder: string): Promise<void> {
  const file = new PositionedFile(archive, basename(archive));
  try {
    const { files, issues } = await readWheelFiles(file);
    throwIssues(basename(archive), issues);
    for (const [name, { region, zip, entry }] of files) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, await inflateZipData(file, region, zip, name), { flag: 'wx', mode: entry.mode });
    }
  } finally {
    file.close();
  }
}
