// Which folders of RPMs have no owner, or several that disagree.
import { execa } from 'execa';

/** Owned by filesystem, systemd and others on every server. */
const SYSTEM =
  /^\/(?:etc(?:\/(?:sysconfig|[^/]+\.d))?|opt|usr\/(?:bin|lib|share)|usr\/share\/licenses|usr\/lib\/(?:systemd\/system|sysusers\.d|tmpfiles\.d)|usr\/lib\/python3\/dist-packages|var\/lib|run)$/;

/**
 * Folders that hold files of the RPMs and that neither their own RPM nor the system owns, and folders that RPMs own with different owners or modes.
 *
 * @param rpms - paths of files
 */
export async function folderFaults(rpms: readonly string[]): Promise<string[]> {
  const folders = new Map<string, string>();
  const faults: string[] = [];
  for (const rpm of rpms) {
    const format = '[%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILENAMES}\\n]';
    const { stdout } = await execa('rpm', ['-qp', '--nosignature', '--qf', format, rpm]);
    const files = stdout.split('\n').flatMap((line) => {
      const [, mode, owner, path] = /^(\S+) (\S+) (\/.*)$/.exec(line) ?? [];
      return mode === undefined || path === undefined ? [] : [{ attributes: `${mode} ${owner ?? ''}`, path }];
    });
    const owned = files.filter(({ attributes }) => attributes.startsWith('d'));
    const own = new Set(owned.map(({ path }) => path));
    const parents = new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf('/'))));
    for (const folder of parents)
      if (!own.has(folder) && !SYSTEM.test(folder)) faults.push(`${rpm}: nothing owns ${folder}`);
    for (const { path, attributes } of owned) {
      const known = folders.get(path) ?? attributes;
      if (known !== attributes) faults.push(`${rpm}: ${path} is ${attributes}, in another RPM ${known}`);
      folders.set(path, known);
    }
  }
  return faults;
}
