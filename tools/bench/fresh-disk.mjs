// A new ext4 file system for each measurement. On one in use, creating files takes the longer the more were removed before: ext4 does not use the inodes of
// removed files again for some minutes, and searches for others. This was up to four fifths of the processor time of an installation.
import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';

/** The file is sparse. */
const BYTES = 8 * 2 ** 30;
/** Without the kernel's work in the background that initializes a new file system. */
const MKFS = ['-q', '-F', '-E', 'lazy_itable_init=1,lazy_journal_init=1'];

/**
 * @template T
 * @param {string} folder - where it is mounted; the image is beside it. Both are removed at the end.
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function withFreshDisk(folder, run) {
  const image = `${folder}.img`;
  mkdirSync(folder, { recursive: true });
  // What a run that was killed has left.
  await execa('umount', [folder], { reject: false });
  rmSync(image, { force: true });
  writeFileSync(image, '');
  truncateSync(image, BYTES);
  try {
    await execa('mkfs.ext4', [...MKFS, image]);
    await execa('mount', ['-o', 'loop,noinit_itable', image, folder]);
    try {
      return await run();
    } finally {
      await execa('umount', [folder]);
    }
  } finally {
    rmSync(image);
    rmSync(folder, { recursive: true });
  }
}
