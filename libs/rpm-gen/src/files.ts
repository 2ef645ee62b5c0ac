/** The file list as parallel arrays; a path is a base name and the index of its directory's name (rpm.org, "RPM V4 header tags"). */
import type { PackedFile, Payload } from './payload.js';
import { SHA256, type HeaderTags } from './tags.js';

const VERIFY_ALL = 0xffffffff;
/** Digest, size, link target and mtime of a ghost are its own. */
const VERIFY_GHOST = 0xffffffd8;
const UINT32_MAX = 0xffffffff;

export function fileTags({ files, large }: Payload): HeaderTags {
  return { ...sizeTags(files, large), ...pathTags(files), ...attributeTags(files), FILEDIGESTALGO: [SHA256] };
}

/** `SIZE` counts what the payload installs: symlinks with their targets, no ghosts. */
function sizeTags(files: readonly PackedFile[], large: boolean): HeaderTags {
  const total = files.reduce((sum, file) => sum + (file.kind === 'ghost' ? 0 : file.size), 0);
  const sizes = files.map((file) => file.size);
  return {
    ...(total > UINT32_MAX ? { LONGSIZE: [total] } : { SIZE: [total] }),
    ...(large ? { LONGFILESIZES: sizes } : { FILESIZES: sizes }),
  };
}

function pathTags(files: readonly PackedFile[]): HeaderTags {
  const directories = new Map<string, number>();
  const indexes: number[] = [];
  const baseNames: string[] = [];
  for (const { path } of files) {
    const split = path.lastIndexOf('/') + 1;
    const directory = path.slice(0, split);
    const index = directories.get(directory) ?? directories.size;
    directories.set(directory, index);
    indexes.push(index);
    baseNames.push(path.slice(split));
  }
  return { DIRINDEXES: indexes, BASENAMES: baseNames, DIRNAMES: [...directories.keys()] };
}

function attributeTags(files: readonly PackedFile[]): HeaderTags {
  return {
    FILEMODES: files.map((file) => file.mode),
    FILERDEVS: files.map(() => 0),
    FILEMTIMES: files.map((file) => file.mtime),
    FILEDIGESTS: files.map((file) => file.sha256),
    FILELINKTOS: files.map((file) => file.target),
    FILEFLAGS: files.map((file) => file.flags),
    FILEUSERNAME: files.map((file) => file.user),
    FILEGROUPNAME: files.map((file) => file.group),
    FILEVERIFYFLAGS: files.map((file) => (file.kind === 'ghost' ? VERIFY_GHOST : VERIFY_ALL)),
    FILEDEVICES: files.map(() => 1),
    // All different, or rpmlint takes the files for hard links of one another.
    FILEINODES: files.map((_, i) => i + 1),
    FILELANGS: files.map(() => ''),
  };
}
