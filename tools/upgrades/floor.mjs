// Computes the lower bound of a delta: the binary diff of two wheels' contents, concatenated to one file each, without an RPM header.
import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openWheel, readContents } from '@pinpack/python-dist';
import { execa } from 'execa';

/** @returns {Promise<{ bsdiff: number, zstd: number }>} bytes */
export async function floorBytes(folder, oldWheel, newWheel) {
  await mkdir(folder, { recursive: true });
  const [old, fresh] = [join(folder, 'old'), join(folder, 'new')];
  await writeContents(oldWheel, old);
  await writeContents(newWheel, fresh);
  const [bsdiff, zstd] = [join(folder, 'bsdiff'), join(folder, 'zstd')];
  await execa('bsdiff', [old, fresh, bsdiff]);
  await execa('zstd', ['-f', '-q', '-19', '--long=31', `--patch-from=${old}`, fresh, '-o', zstd]);
  return { bsdiff: (await stat(bsdiff)).size, zstd: (await stat(zstd)).size };
}

/** Concatenates the files in the order of the canonical wheel. */
async function writeContents(wheelFile, to) {
  const wheel = await openWheel(wheelFile);
  try {
    const contents = async function* () {
      for await (const { data } of readContents(wheel)) yield data;
    };
    await pipeline(contents(), createWriteStream(to));
  } finally {
    wheel.close();
  }
}
