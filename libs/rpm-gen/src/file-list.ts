/** The files that a header lists. Pure. */
import { FILE_FLAGS, TYPE_BITS, TYPE_MASK } from './file-attributes.js';
import type { HeaderTags } from './tags.js';

export interface ListedFile {
  /** Absolute; in a source package a plain name. */
  path: string;
  kind: 'file' | 'directory' | 'symlink' | 'other';
  /** Permission bits. */
  mode: number;
  /** Seconds since 1970. */
  mtime: number;
  /** Bytes in the payload: those of a file's content or of a symlink's target. */
  size: number;
  /** Of a symlink; empty otherwise. */
  target: string;
  isGhost: boolean;
  /** Equal for names of one file. */
  inode: number;
}

const KINDS = new Map<number, ListedFile['kind']>([
  [TYPE_BITS.file, 'file'],
  [TYPE_BITS.directory, 'directory'],
  [TYPE_BITS.symlink, 'symlink'],
]);

export function listFiles(header: HeaderTags): ListedFile[] {
  const { BASENAMES = [], DIRNAMES = [], DIRINDEXES = [], FILEMODES = [], FILEMTIMES = [], FILELINKTOS = [] } = header;
  const { FILEINODES = [] } = header;
  const sizes = header.LONGFILESIZES ?? header.FILESIZES ?? [];
  return BASENAMES.map((name, at) => {
    const bits = FILEMODES[at] ?? 0;
    const kind = KINDS.get(bits & TYPE_MASK) ?? 'other';
    return {
      path: `${DIRNAMES[DIRINDEXES[at] ?? -1] ?? ''}${name}`,
      kind,
      mode: bits & 0o7777,
      mtime: FILEMTIMES[at] ?? 0,
      // rpmbuild lists directories with the size that their file system shows.
      size: kind === 'file' || kind === 'symlink' ? (sizes[at] ?? 0) : 0,
      target: FILELINKTOS[at] ?? '',
      inode: FILEINODES[at] ?? 0,
      isGhost: ((header.FILEFLAGS?.[at] ?? 0) & FILE_FLAGS.ghost) !== 0,
    };
  });
}
