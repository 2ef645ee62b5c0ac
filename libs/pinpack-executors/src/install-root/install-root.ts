/** A separate root into which the real dnf and rpm install RPMs, scriptlets included, without network. */
import { access, copyFile, lstat, mkdir, readdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join, normalize, relative, sep } from 'node:path';
import { PinpackError } from '../pinpack-error.js';
import { runProgram, type ProgramResult } from '@pinpack/common/program';
import { checkRequirements } from './requirements.js';
import { planSandbox, type SandboxFolders } from './sandbox.js';

export interface RunOptions {
  env?: Record<string, string>;
  /** Host folders that the command may read, at their own path. */
  readable?: readonly string[];
}

const ROOT_FOLDERS = ['dev', 'etc', 'opt', 'proc', 'root', 'run', 'tmp', 'usr', 'var/cache', 'var/lib/rpm', 'var/log'];
const USR_LINKS = ['bin', 'sbin', 'lib', 'lib64'];
const DNF_SETTINGS = {
  reposdir: '/nonexistent',
  cachedir: '/var/cache/dnf',
  logdir: '/var/log',
  persistdir: '/var/lib/dnf',
  install_weak_deps: '0',
  gpgcheck: '0',
};

/** Makes the root in `folder` (created, or empty). @throws PinpackError `PINPACK_INSTALL_UNUSABLE`, which lists what this machine lacks */
export async function createInstallRoot(folder: string): Promise<InstallRoot> {
  await checkRequirements();
  await mkdir(folder, { recursive: true });
  const base = await realpath(folder);
  if (/[,:\\]/.test(base)) {
    throw new PinpackError(
      'PINPACK_INSTALL_UNUSABLE',
      base,
      'an overlay needs a path without comma, colon and backslash. Set TMPDIR to another folder.',
    );
  }
  const folders: SandboxFolders = {
    base,
    root: join(base, 'root'),
    usrAdditions: join(base, 'usr-additions'),
    overlayWork: join(base, 'overlay-work'),
    rpmMacros: join(base, 'rpmmacros'),
  };
  await writeRoot(folders);
  return new InstallRoot(folders, await findHiddenFolders());
}

/** Runs its commands one after the other, because an overlay must not be mounted twice at the same time. */
export class InstallRoot {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folders: SandboxFolders,
    private readonly hidden: readonly string[],
  ) {}

  /** Runs dnf with `repository` (a folder with repodata) as its only repository: `dnf(repository, ['install', 'name'])`. */
  async dnf(repository: string, args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    const folder = await realpath(repository);
    const settings = Object.entries(DNF_SETTINGS).map(([name, value]) => `--setopt=${name}=${value}`);
    const root = ['--installroot', this.folders.root, '--releasever', '9', `--repofrompath=under-test,${folder}`];
    const command = ['dnf', '-y', ...root, ...settings, ...args];
    return this.runInSandbox(command, { ...options, readable: [folder, ...(options.readable ?? [])] });
  }

  /** Runs rpm on the root's database: `rpm(['-qa'])`. List the folders of RPM files that it reads in `options.readable`. */
  async rpm(args: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    return this.runInSandbox(['rpm', '--root', this.folders.root, ...args], options);
  }

  /** Runs a program of the root: `run(['/usr/bin/python3', '-c', '…'])`. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<ProgramResult> {
    return this.runInSandbox(['chroot', this.folders.root, ...argv], options);
  }

  /** The path on the host of an absolute path of the root. For /usr, only files that were added to the host's exist there. */
  path(path: string): string {
    const inside = relative('/', normalize(join('/', path)));
    const [first, ...rest] = inside.split(sep);
    return first === 'usr' ? join(this.folders.usrAdditions, ...rest) : join(this.folders.root, inside);
  }

  /**
   * The files, links and empty folders (these with a slash at the end) at and below `path`, as sorted absolute paths of the root;
   * none if it does not exist. Omits the host's own files in /usr.
   */
  async files(path: string): Promise<string[]> {
    const found = await this.listFiles(normalize(join('/', path)).replace(/(?<=.)\/$/, ''));
    return found.sort();
  }

  private async listFiles(path: string): Promise<string[]> {
    const status = await lstat(this.path(path)).catch(ignoreMissing);
    if (status === undefined) return [];
    if (!status.isDirectory()) return [path];
    const names = await readdir(this.path(path));
    if (names.length === 0) return (await this.isFolderOfHost(path)) ? [] : [join(path, '/')];
    return (await Promise.all(names.map((name) => this.listFiles(join(path, name))))).flat();
  }

  /** A folder of the host's /usr appears in the overlay as an empty folder after something below it was removed. */
  private async isFolderOfHost(path: string): Promise<boolean> {
    return /^\/usr(\/|$)/.test(path) && (await exists(path));
  }

  private async runInSandbox(command: readonly string[], options: RunOptions): Promise<ProgramResult> {
    const readable = await Promise.all((options.readable ?? []).map((folder) => realpath(folder)));
    const args = planSandbox({ ...this.folders, hidden: this.hidden, readable, env: options.env ?? {} }, command);
    const result = this.last.then(() => runProgram('bwrap', args));
    this.last = result;
    return explainMountFailure(await result);
  }
}

async function writeRoot({ root, usrAdditions, overlayWork, rpmMacros }: SandboxFolders): Promise<void> {
  const folders = [usrAdditions, overlayWork, ...ROOT_FOLDERS.map((name) => join(root, name))];
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true })));
  await Promise.all(USR_LINKS.map((name) => symlink(`usr/${name}`, join(root, name))));
  await copyFile('/etc/ld.so.cache', join(root, 'etc/ld.so.cache'));
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n');
  // Debian's rpm keeps its database in $HOME by default.
  await writeFile(rpmMacros, '%_dbpath /var/lib/rpm\n');
}

/** The folders of the host's Python packages on Debian and Fedora. They are hidden because servers do not have them. */
async function findHiddenFolders(): Promise<string[]> {
  const parents = ['/usr/lib', '/usr/lib64'];
  const versions = (await Promise.all(parents.map(listPythonFolders))).flat();
  const inside = versions.flatMap((folder) => ['ensurepip', 'site-packages'].map((name) => join(folder, name)));
  const candidates = ['/usr/local', '/usr/lib/python3/dist-packages', ...inside];
  const found = await Promise.all(candidates.map(exists));
  return candidates.filter((_, index) => found[index]);
}

async function listPythonFolders(parent: string): Promise<string[]> {
  const names = await readdir(parent).catch(ignoreMissing);
  return (names ?? []).filter((name) => /^python3\.\d+$/.test(name)).map((name) => join(parent, name));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}

function explainMountFailure(result: ProgramResult): ProgramResult {
  if (result.exitCode !== 125) return result;
  throw new PinpackError('PINPACK_INSTALL_UNUSABLE', 'overlay on /usr', [
    result.stderr.trim(),
    'Set TMPDIR to a folder on ext4, xfs, btrfs or tmpfs: an overlay cannot write to an overlay',
  ]);
}
