/** The file list as parallel arrays; a path is a base name and the index of its directory's name (rpm.org, "RPM V4 header tags"). */
import type { PackedFile } from './archive.js';
import type { PayloadFacts } from './stream-payload.js';
import { SHA256, type UntranslatedTags } from './tags.js';

const UINT32_MAX = 0xffffffff;

export function fileTags({ files, large }: PayloadFacts): UntranslatedTags {
  return {
    ...sizeTags(files, large),
    ...pathTags(files),
    ...attributeTags(files),
    ...classTags(files),
    FILEDIGESTALGO: [SHA256],
  };
}

/** `SIZE` counts symlinks with their targets, and each file once, whatever number of names it has. */
function sizeTags(files: readonly PackedFile[], large: boolean): UntranslatedTags {
  const total = files.reduce((sum, file) => sum + (file.kind === 'hardlink' ? 0 : file.size), 0);
  const sizes = files.map((file) => file.size);
  return {
    ...(total > UINT32_MAX ? { LONGSIZE: [total] } : { SIZE: [total] }),
    ...(large ? { LONGFILESIZES: sizes } : { FILESIZES: sizes }),
  };
}

function pathTags(files: readonly PackedFile[]): UntranslatedTags {
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

function attributeTags(files: readonly PackedFile[]): UntranslatedTags {
  return {
    FILEMODES: files.map((file) => file.mode),
    FILERDEVS: files.map((file) => file.device),
    FILEMTIMES: files.map((file) => file.mtime),
    FILEDIGESTS: files.map((file) => file.sha256),
    FILELINKTOS: files.map((file) => file.target),
    FILEFLAGS: files.map((file) => file.flags),
    FILEUSERNAME: files.map((file) => file.user),
    FILEGROUPNAME: files.map((file) => file.group),
    FILEVERIFYFLAGS: files.map((file) => file.verifyFlags),
    FILEDEVICES: files.map(() => 1),
    FILEINODES: files.map((file) => file.inode),
    FILELANGS: files.map((file) => file.language),
    FILECAPS: files.some((file) => file.capabilities !== '') ? files.map((file) => file.capabilities) : [],
  };
}

/** Colors and classes are written where any file has one; rpm needs neither. */
function classTags(files: readonly PackedFile[]): UntranslatedTags {
  const classes = new Map<string, number>();
  const indexes = files.map(({ class: name = '' }) => {
    const index = classes.get(name) ?? classes.size;
    classes.set(name, index);
    return index;
  });
  return {
    FILECOLORS: files.some(({ color }) => color !== undefined) ? files.map(({ color = 0 }) => color) : [],
    ...(classes.size > 1 || !classes.has('') ? { FILECLASS: indexes, CLASSDICT: [...classes.keys()] } : {}),
  };
}
