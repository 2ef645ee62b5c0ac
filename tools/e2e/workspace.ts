/** Fresh clones of this workspace, as a user has them after `git clone`: other paths, own caches, nothing built. */
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProgram, runProgram, type ProgramResult } from '@pinpack/common/program';
import { HarnessError } from './harness-error.js';
import { sha256File } from './rpm-query.js';

export const WORKSPACE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** The kinds of caches that a run may use: `off` leaves the store of verified downloads, which is content-addressed. */
export interface WorkspaceOptions {
  /** Octal, as `umask` takes it. */
  umask?: string;
  timeZone?: string;
  /** A folder that is searched for programs before those of PATH. */
  programs?: string;
}

/** A clone and the commands that people run in it. */
export class Workspace {
  constructor(
    readonly folder: string,
    private readonly options: WorkspaceOptions = {},
  ) {}

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** A command line as README has it, run by bash. */
  async shell(line: string): Promise<ProgramResult> {
    const { umask = '022', timeZone = 'UTC', programs } = this.options;
    const env = {
      NX_DAEMON: 'false',
      // Nx keeps its cache in a folder that all clones share.
      NX_CACHE_DIRECTORY: `${this.folder}.nx-cache`,
      NX_WORKSPACE_DATA_DIRECTORY: `${this.folder}.nx-data`,
      TZ: timeZone,
      ...(programs !== undefined && { PATH: `${programs}:${process.env.PATH ?? ''}` }),
      // No colours and no NODE_ENV of the test runner's.
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      NODE_ENV: '',
      VITEST: '',
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
    return this.run(`npx nx ${words}`);
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

/** A copy of a clone with all that was installed and built in it. */
export async function copyWorkspace(from: Workspace, folder: string): Promise<Workspace> {
  await readProgram('cp', ['-a', '--reflink=auto', from.folder, folder]);
  for (const beside of ['.nx-cache', '.nx-data']) {
    await readProgram('cp', ['-a', '--reflink=auto', `${from.folder}${beside}`, `${folder}${beside}`]);
  }
  return new Workspace(folder);
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
  const line = readme.split('\n').find((candidate) => candidate.endsWith('npx nx run-many -t rpm'));
  if (line === undefined)
    throw new HarnessError('PROGRAM_FAILED', 'README.md', 'has no line that ends with `npx nx run-many -t rpm`');
  return line.trim();
}

/** For `catch`: a file that is not there counts as none. */
export function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
