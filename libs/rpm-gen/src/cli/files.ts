// `rpm-gen files`: the files of a package, as `rpm -qplv` lists them.
import { formatTable } from '@pinpack/common/format-table';
import { formatTime, readHeaders, type Command } from './command.js';
import { listingOf } from './listing.js';

export const filesCommand: Command = {
  synopsis: '<rpm>',
  about: 'files with modes, owners, sizes and flags',
  files: [1, 1],
  run: async (files) => {
    const json = (await readHeaders(files)).flatMap(listingOf);
    const rows = json.map(({ path, mode, user, group, size, mtime, target, flags }) => [
      mode,
      user,
      group,
      // A folder's size depends on the file system of the build; rpm prints 0.
      mode.startsWith('d') ? '0' : `${size}`,
      formatTime(mtime),
      `${path}${target === '' ? '' : ` -> ${target}`}${flags.length === 0 ? '' : ` (${flags.join(', ')})`}`,
    ]);
    return { text: rows.length === 0 ? '(contains no files)' : formatTable(undefined, rows).join('\n'), json };
  },
};
