// The files of a header with the attributes that a listing shows.
import { FILE_FLAGS, TYPE_BITS, TYPE_MASK } from '../file-attributes.js';
import { listFiles } from '../file-list.js';
import type { HeaderTags } from '../tags.js';

const TYPES: Record<number, string> = {
  [TYPE_BITS.fifo]: 'p',
  [TYPE_BITS.characterDevice]: 'c',
  [TYPE_BITS.directory]: 'd',
  [TYPE_BITS.blockDevice]: 'b',
  [TYPE_BITS.file]: '-',
  [TYPE_BITS.symlink]: 'l',
};

export interface Listing {
  path: string;
  /** `-rw-r--r--` */
  mode: string;
  user: string;
  group: string;
  /** Bytes, as the header has them. */
  size: number;
  mtime: number;
  /** Of a symlink. */
  target: string;
  /** Hex, by the algorithm of the header. */
  digest: string;
  flags: string[];
  capabilities: string;
}

export function listingOf(header: HeaderTags): Listing[] {
  const sizes = header.LONGFILESIZES ?? header.FILESIZES ?? [];
  return listFiles(header).map(({ path, mtime, target }, at) => ({
    path,
    mode: formatMode(header.FILEMODES?.[at] ?? 0),
    user: header.FILEUSERNAME?.[at] ?? '',
    group: header.FILEGROUPNAME?.[at] ?? '',
    size: sizes[at] ?? 0,
    mtime,
    target,
    digest: header.FILEDIGESTS?.[at] ?? '',
    flags: flagNames(header.FILEFLAGS?.[at] ?? 0),
    capabilities: header.FILECAPS?.[at] ?? '',
  }));
}

/** As spec files write them: `missingok`. */
function flagNames(flags: number): string[] {
  return Object.entries(FILE_FLAGS).flatMap(([name, bit]) => ((flags & bit) === 0 ? [] : [name.toLowerCase()]));
}

/** As ls(1) prints it. */
function formatMode(bits: number): string {
  const letters = Array.from('rwxrwxrwx').map((letter, at) => (bits & (1 << (8 - at)) ? letter : '-'));
  const special = [
    { bit: 0o4000, at: 2, letter: 's' },
    { bit: 0o2000, at: 5, letter: 's' },
    { bit: 0o1000, at: 8, letter: 't' },
  ];
  for (const { bit, at, letter } of special) {
    if (bits & bit) letters[at] = letters[at] === 'x' ? letter : letter.toUpperCase();
  }
  return `${TYPES[bits & TYPE_MASK] ?? '?'}${letters.join('')}`;
}
