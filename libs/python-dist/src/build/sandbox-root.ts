// Finds on this machine what the root folder of the build sandbox contains.
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { delimiter, dirname, join, sep } from 'node:path';
import { ETC, SYSTEM_FOLDERS } from './system-folders.js';

/** Package stores of NixOS and Guix, which every user can read. */
const PACKAGE_STORES = ['/nix/store', '/gnu/store'];

/** bubblewrap's options for the system folders, all read-only. */
export function systemMounts(): string[] {
  const pythons = readdirSync('/etc').filter((name) => /^python3(?:\.\d+)?$/.test(name));
  const files = [...ETC, ...pythons].map((name) => `/etc/${name}`);
  return [
    ...['--ro-bind', '/usr', '/usr'],
    ...SYSTEM_FOLDERS.flatMap((name) => systemFolder(`/${name}`)),
    ...[...PACKAGE_STORES, ...files].filter(existsSync).flatMap((path) => ['--ro-bind', path, path]),
  ];
}

function systemFolder(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return found.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}

/** Home folders and workspaces that lie in a system folder, as in some containers: `/usr/src/app`. */
export function maskedFolders(workspace = process.cwd()): string[] {
  return privateFolders(workspace).filter((path) => isBelow(path, '/usr') && path !== '/usr');
}

function privateFolders(workspace: string): string[] {
  const found = [homedir(), userInfo().homedir, workspace].filter(existsSync).map((path) => realpathSync(path));
  return [...new Set(found)].filter((path) => path !== '/');
}

/** The installation prefix of a virtualenv's Python (PEP 405), as the virtualenv names it. */
export function pythonPrefix(environment: string): string {
  return dirname(pythonHome(environment));
}

function pythonHome(environment: string): string {
  const text = readFileSync(join(environment, 'pyvenv.cfg'), 'utf8');
  return /^home *= *(.+)$/m.exec(text)?.[1]?.trim() ?? '/usr/bin';
}

/**
 * The folders of a virtualenv's Python outside of the system folders. If its prefix contains the user's home folder or the workspace, only its own
 * folders are included.
 */
export function pythonFolders(environment: string, workspace = process.cwd()): string[] {
  const program = realpathSync(join(environment, 'bin/python'));
  const prefixes = [pythonPrefix(environment), dirname(dirname(program))];
  return prefixes
    .flatMap((prefix) => {
      const isShared = prefix === '/' || privateFolders(workspace).some((path) => isBelow(path, prefix));
      return isShared ? ['bin', 'lib', 'lib64', 'include'].map((name) => join(prefix, name)) : [prefix];
    })
    .filter((path) => !isVisible(path, workspace));
}

/** rustup looks for toolchains in the user's home folder, which the build does not see. */
export function rustup(): Record<string, string> {
  const folder = process.env.RUSTUP_HOME ?? join(homedir(), '.rustup');
  return existsSync(folder) ? { RUSTUP_HOME: folder } : {};
}

/** The toolchains of rustup, and the folder on PATH with its commands. */
export function rustFolders(workspace = process.cwd()): string[] {
  const path = (process.env.PATH ?? '').split(delimiter);
  const cargo = path.filter((folder) => folder.startsWith('/') && existsSync(join(folder, 'cargo')));
  const holders = privateFolders(workspace);
  return [...Object.values(rustup()), ...cargo].filter(
    (folder) => !isVisible(folder, workspace) && !holders.some((path) => isBelow(path, folder)),
  );
}

/** The folders that exist, each once. Those in another one are left out. */
export function distinctFolders(folders: readonly string[]): string[] {
  const found = [...new Set(folders)].filter(existsSync);
  return found.filter((path) => !found.some((other) => other !== path && isBelow(path, other)));
}

/** Whether the system folders contain it. */
function isVisible(path: string, workspace: string): boolean {
  const [, top = ''] = path.split(sep);
  const isSystem = top === 'usr' || SYSTEM_FOLDERS.includes(top);
  return isSystem && !maskedFolders(workspace).some((folder) => isBelow(path, folder));
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
