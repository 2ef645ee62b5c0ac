// The files of a header with the attributes that a listing shows.
import { listFiles } from '../file-list.js';
import type { HeaderTags } from '../tags.js';

const TYPES: Record<number, string> = {
  0o010000: 'p',
  0o020000: 'c',
  0o040000: 'd',
  0o060000: 'b',
  0o100000: '-',
  0o120000: 'l',
};
const FLAGS: [number, string][] = [
  [1, 'config'],
  [2, 'doc'],
  [8, 'missingok'],
  [16, 'noreplace'],
  [64, 'ghost'],
  [128, 'license'],
  [4096, 'artifact'],
];

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
    flags: FLAGS.filter(([bit]) => ((header.FILEFLAGS?.[at] ?? 0) & bit) !== 0).map(([, name]) => name),
    capabilities: header.FILECAPS?.[at] ?? '',
  }));
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
  return `${TYPES[bits & 0o170000] ?? '?'}${letters.join('')}`;
}
