/** Fresh clones of this workspace, as a user has them after `git clone`: other paths, own caches, nothing built. */
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProgram, runProgram, type ProgramResult } from '@pinpack/common/program';
import { HarnessError } from './harness-error.js';
import { sha256File } from './rpm-query.js';

export const WORKSPACE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const RUN_EXECUTOR = fileURLToPath(new URL('run-executor.mjs', import.meta.url));

export interface WorkspaceOptions {
  /** The folder for pinpack's caches and store. By default it lies beside the clone, and is empty at first. */
  cache?: string;
  /** Octal, as `umask` takes it. */
  umask?: string;
  timeZone?: string;
  /** A folder that is searched for programs before those of PATH. */
  programs?: string;
  /** Whether Nx runs plugins in processes of their own, as it does by default. */
  isolatePlugins?: boolean;
  /** Further variables of every command. */
  env?: Record<string, string>;
}

/** What uv and pip downloaded is the same for every clone. */
const USER_CACHE = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const SHARED_CACHES = {
  UV_CACHE_DIR: process.env.UV_CACHE_DIR ?? join(USER_CACHE, 'uv'),
  PIP_CACHE_DIR: process.env.PIP_CACHE_DIR ?? join(USER_CACHE, 'pip'),
};

/** A clone and the commands that people run in it. */
export class Workspace {
  readonly cache: string;

  constructor(
    readonly folder: string,
    private readonly options: WorkspaceOptions = {},
  ) {
    this.cache = options.cache ?? `${folder}.cache`;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** A command line as README has it, run by bash. */
  async shell(line: string): Promise<ProgramResult> {
    const { umask = '022', timeZone = 'UTC', programs, isolatePlugins = false } = this.options;
    const env = {
      ...SHARED_CACHES,
      XDG_CACHE_HOME: this.cache,
      NX_DAEMON: 'false',
      // Nx keeps its cache in a folder that all clones share.
      NX_CACHE_DIRECTORY: `${this.folder}.nx-cache`,
      NX_WORKSPACE_DATA_DIRECTORY: `${this.folder}.nx-data`,
      // A process for each plugin doubles the time of a short command; README's first command and the tests of the remote cache run with them.
      NX_ISOLATE_PLUGINS: String(isolatePlugins),
      TZ: timeZone,
      ...(programs !== undefined && { PATH: `${programs}:${process.env.PATH ?? ''}` }),
      // No colours and no NODE_ENV of the test runner's.
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      NODE_ENV: '',
      VITEST: '',
      ...this.options.env,
    };
    return runProgram('bash', ['-c', `umask ${umask} && ${line}`], { cwd: this.folder, env });
  }

  /** A command line that must succeed. Gives its output. */
  async run(line: string): Promise<string> {
    const result = await this.shell(line);
    if (!result.failed) return result.all;
    throw new HarnessError('PROGRAM_FAILED', line, result.all.split('\n').slice(-60).join('\n'));
  }

  /** `nx …`, which must succeed. */
  nx(words: string): Promise<string> {
    // npx alone would take a third of the time.
    return this.run(`node_modules/.bin/nx ${words}`);
  }

  /** `nx run-many …`, with the output of tasks that succeed too. */
  nxShown(words: string): Promise<string> {
    return this.nx(`${words} --outputStyle=stream-without-prefixes`);
  }

  /** Runs an executor as `nx run` does, without the start of Nx, which takes most of the time. Gives its output. */
  execute(executor: string, options: object): Promise<string> {
    return this.run(`node ${RUN_EXECUTOR} ${executor} '${JSON.stringify(options)}'`);
  }

  /** `nx …`, which must fail. Gives its output. */
  async failingNx(words: string): Promise<string> {
    const result = await this.shell(`node_modules/.bin/nx ${words}`);
    if (result.failed) return result.all;
    throw new HarnessError('PROGRAM_FAILED', `nx ${words}`, `it succeeded, expected a failure\n${result.all}`);
  }
}

/** Clones this working tree: what git tracks, and what it would, in a repository of its own with one commit. */
export async function cloneWorkspace(folder: string, options: WorkspaceOptions = {}): Promise<Workspace> {
  await mkdir(folder, { recursive: true });
  const listed = await readProgram('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: WORKSPACE,
  });
  for (const file of listed.split('\0').filter((name) => name !== '')) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    // A file that is deleted and not yet committed is still listed.
    await cp(join(WORKSPACE, file), join(folder, file)).catch(ignoreMissing);
  }
  const workspace = new Workspace(folder, options);
  await commitAll(workspace, 'fresh');
  return workspace;
}

/** Nx, npm and pinpack replace the files in these folders and never write into them; tests change no library. */
const REPLACED_FOLDERS = /^(?:node_modules|\.venv|dist|libs)$/;
const CACHED_OUTPUTS = /^\d+$/;

/**
 * A copy of a clone with everything that was installed and built in it: 2 GB, of which hard links share what is only ever replaced. It has
 * the clone's cache unless the options name another.
 */
export async function copyWorkspace(
  from: Workspace,
  folder: string,
  options: WorkspaceOptions = {},
): Promise<Workspace> {
  await copyFolder(from.folder, folder, REPLACED_FOLDERS);
  await copyFolder(`${from.folder}.nx-cache`, `${folder}.nx-cache`, CACHED_OUTPUTS);
  await readProgram('cp', ['-a', `${from.folder}.nx-data`, `${folder}.nx-data`]);
  return new Workspace(folder, { cache: from.cache, ...options });
}

/** A copy of a clone as after `npm ci`: nothing was built in it, and it has a cache of its own. */
export async function copyInstalled(
  from: Workspace,
  folder: string,
  options: WorkspaceOptions = {},
): Promise<Workspace> {
  const copied = await copyWorkspace(from, folder, { cache: `${folder}.cache`, ...options });
  await removeBuilt(copied);
  return copied;
}

/** What was built in a clone, and Nx's cache of it. */
export async function removeBuilt(clone: Workspace): Promise<void> {
  for (const built of [clone.path('dist'), `${clone.folder}.nx-cache`, `${clone.folder}.nx-data`]) {
    await rm(built, { recursive: true, force: true });
  }
}

/** Gives a clone what `npm ci` made in this working tree: the packages and the compiled libraries. */
export async function shareInstalled(clone: Workspace): Promise<void> {
  const find = ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z', 'node_modules', 'libs'];
  const listed = (await readProgram('git', find, { cwd: WORKSPACE })).split('\0').filter((name) => name !== '');
  const copy = ['-a', '--reflink=auto', '--parents', '--target-directory', clone.folder, '--', ...listed];
  await readProgram('cp', copy, { cwd: WORKSPACE });
}

/** Gives a clone the wheels that another one downloaded, and nothing that was built there. */
export async function shareDownloads(from: Workspace, to: Workspace): Promise<void> {
  const content = 'pinpack/store/v1/main/sha256';
  await mkdir(dirname(join(to.cache, content)), { recursive: true });
  await readProgram('cp', ['-al', join(from.cache, content), join(to.cache, content)]);
}

/** @param linked - the names in `from` whose files the copy shares */
async function copyFolder(from: string, to: string, linked: RegExp): Promise<void> {
  await mkdir(to);
  const names = await readdir(from);
  for (const [options, chosen] of [
    ['-a', names.filter((name) => !linked.test(name))],
    ['-al', names.filter((name) => linked.test(name))],
  ] as const) {
    if (chosen.length > 0) await readProgram('cp', [options, '--target-directory', to, '--', ...chosen], { cwd: from });
  }
}

/** The sha256 of each file below a folder whose name has this ending, by its path in the folder. */
export async function fileDigests(folder: string, ending: string): Promise<Map<string, string>> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(ending)).sort();
  return new Map(await Promise.all(files.map(async (file) => [file, await sha256File(join(folder, file))] as const)));
}

/** Commits everything in a clone. */
export async function commitAll(workspace: Workspace, message: string): Promise<void> {
  const author = '-c user.name=test -c user.email=test@example.org';
  await workspace.run(
    `git init --quiet --initial-branch=main . && git add --all && git ${author} commit --quiet -m ${message}`,
  );
}

/** The line of README that makes every RPM in a fresh clone. */
export async function readFirstCommand(): Promise<string> {
  const readme = await readFile(join(WORKSPACE, 'README.md'), 'utf8');
  const line = readme.split('\n').find((candidate) => /^npm ci && .*npx nx run-many -t rpm$/.test(candidate));
  if (line === undefined)
    throw new HarnessError('PROGRAM_FAILED', 'README.md', 'has no line `npm ci && … npx nx run-many -t rpm`');
  return line.trim();
}

/** For `catch`: a file that is not there counts as none. */
export function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
