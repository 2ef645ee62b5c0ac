// The folders in which Pythons are looked for: those on PATH, and those of version managers, whose Pythons are often not on PATH.
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Folders that may have the program `python3.11`: those on PATH; then those of pyenv and uv, the newest version first.
 *
 * @param minor - `3.11`
 */
export async function pythonFolders(minor: string, environment: Environment): Promise<string[]> {
  const onPath = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const installed = await Promise.all(installFolders(environment).map((folder) => versionFolders(folder, minor)));
  return [...onPath, ...installed.flat()];
}

/** The folders in which pyenv and uv install Pythons. */
export function installFolders({ PYENV_ROOT, UV_PYTHON_INSTALL_DIR, XDG_DATA_HOME }: Environment): string[] {
  const data = XDG_DATA_HOME ?? join(homedir(), '.local/share');
  return [join(PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions'), UV_PYTHON_INSTALL_DIR ?? join(data, 'uv/python')];
}

/** pyenv's folders have names such as 3.11.7, those of uv such as cpython-3.11.7-linux-x86_64-gnu. */
async function versionFolders(folder: string, minor: string): Promise<string[]> {
  const names = (await readdir(folder).catch(undefinedIfAbsent)) ?? [];
  return names
    .map((name) => ({ name, version: /^(?:cpython-)?(\d+\.\d+)\.(\d+)(?:-|$)/.exec(name) }))
    .filter(({ version }) => version?.[1] === minor)
    .sort((a, b) => Number(b.version?.[2]) - Number(a.version?.[2]))
    .map(({ name }) => join(folder, name, 'bin'));
}
