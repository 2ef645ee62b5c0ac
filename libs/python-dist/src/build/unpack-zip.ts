// Unpacks a .zip sdist, which PEP 625 no longer allows, with the strict zip reader of wheels: regular files only. Each file is inflated as a stream.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { throwIssues } from '../dist-error.js';
import { PositionedFile } from '../zip/positioned-file.js';
import { readWheelFiles, type WheelFile } from '../zip/zip-files.js';
import { STORED } from '../zip/zip-data.js';
import { SdistBudget, type SdistLimits } from './sdist-budget.js';
import { unreadable } from './sdist-errors.js';

/** @throws DistError `DIST_SOURCE_SDIST_*`, `DIST_WHEEL_*`: the zip checks are those of wheels */
export async function unpackZip(archive: string, folder: string, limits: SdistLimits): Promise<void> {
  const name = basename(archive);
  const file = new PositionedFile(archive, name);
  try {
    const budget = new SdistBudget(name, file.size, limits);
    const { files, issues } = await readWheelFiles(file);
    throwIssues(name, issues);
    for (const { entry } of files.values()) budget.declare(1, entry.size);
    for (const found of files.values()) await unpackFile(archive, found, join(folder, found.entry.name));
  } finally {
    file.close();
  }
}

async function unpackFile(archive: string, { entry, zip, region }: WheelFile, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const check = checkedSize(entry.size);
  const output = createWriteStream(path, { flags: 'wx', mode: entry.mode });
  try {
    const isEmpty = region.end === region.dataStart;
    const raw = isEmpty
      ? Readable.from([])
      : createReadStream(archive, { start: region.dataStart, end: region.end - 1 });
    const inflate = zip.method === STORED ? new PassThrough() : createInflateRaw();
    await pipeline(raw, inflate, check.stream, output);
  } catch (error) {
    throw unreadable(basename(archive), error);
  }
  const { size, crc } = check.found();
  if (size !== entry.size || crc !== zip.crc32)
    throw unreadable(basename(archive), new Error(`${entry.name} does not match the zip's directory`));
}

/** Passes data on, and fails if there is more than declared. */
function checkedSize(declared: number): { stream: Transform; found: () => { size: number; crc: number } } {
  let size = 0;
  let crc = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      crc = crc32(chunk, crc);
      if (size > declared) done(new Error(`inflates to more than the declared ${declared} bytes`));
      else done(null, chunk);
    },
  });
  return { stream, found: () => ({ size, crc }) };
}
