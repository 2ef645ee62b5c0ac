// Packs a commit of a git repository as an sdist whose bytes depend on the files of the commit alone, so that the lock has its digest.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { distError, type DistError } from '../dist-error.js';
import type { FileOrigin } from '../names/distribution-file.js';
import { storedGzip } from './stored-gzip.js';

export type GitOrigin = Extract<FileOrigin, { kind: 'git' }>;

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/i;
const SHOWN_LINES = 5;
/** Backends see the time of a file, but builds do not depend on it. */
const TIME = new Date('2000-01-01T00:00:00Z');
const LFS_POINTER = 'version https://git-lfs.github.com/spec/v1';
const LFS_POINTER_BYTES = 1024;

/** @param name - of the distribution, for messages and the folder in the archive. @throws DistError `DIST_GIT_FAILED`, `DIST_GIT_UNSUPPORTED` */
export async function packCommit(name: string, origin: GitOrigin, archive: string): Promise<void> {
  await withRepository(name, origin.url, async (repository) => {
    await repository.fetch(origin.commit);
    await writeFile(archive, storedGzip(await repository.pack(origin)));
  });
}

/** The commit of a branch, a tag or an abbreviated commit; of the default branch without one. @throws DistError `DIST_GIT_FAILED` */
export async function findCommit(name: string, url: string, requested = 'HEAD'): Promise<string> {
  if (COMMIT.test(requested)) return requested.toLowerCase();
  return withRepository(name, url, (repository) => repository.fetch(requested));
}

async function withRepository<Result>(
  name: string,
  url: string,
  use: (repository: Repository) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-git-'));
  try {
    const repository = new Repository(name, url, folder);
    await repository.init();
    return await use(repository);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface TreeEntry {
  mode: string;
  path: string;
}

class Repository {
  readonly #bare: string;

  constructor(
    private readonly name: string,
    private readonly url: string,
    private readonly folder: string,
  ) {
    this.#bare = join(folder, 'repository');
  }

  async init(): Promise<void> {
    await this.#git(['init', '--quiet', '--bare', this.#bare]);
  }

  /** @returns the commit */
  async fetch(revision: string): Promise<string> {
    const shallow = await this.#try(['fetch', '--quiet', '--depth=1', '--no-tags', '--', this.url, revision]);
    if (!shallow.failed) return this.#commitOf('FETCH_HEAD');
    // Servers need not hand out a commit by its name, and abbreviated ones never.
    const isCommit = /^[0-9a-f]{7,64}$/i.test(revision);
    if (!isCommit) throw this.#failed(shallow.stderr, revision);
    const refs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
    const all = await this.#try(['fetch', '--quiet', '--', this.url, ...refs]);
    if (all.failed) throw this.#failed(all.stderr, revision);
    return this.#commitOf(revision);
  }

  /** The files of the commit as an uncompressed tar. */
  async pack({ commit, subdirectory = '' }: GitOrigin): Promise<Buffer> {
    const entries = await this.#entries(commit, subdirectory);
    const tree = join(this.folder, 'tree');
    await mkdir(tree);
    const checkout = ['checkout', '--quiet', '--force', commit, '--', subdirectory === '' ? '.' : subdirectory];
    await this.#git(['--work-tree', tree, ...PLAIN_CHECKOUT, ...checkout], WITHOUT_CONFIGURATION);
    const base = join(tree, subdirectory);
    for (const { mode, path } of entries) {
      if (mode === SYMLINK) continue;
      // The umask affects what git writes.
      await chmod(join(base, path), mode === EXECUTABLE ? 0o755 : 0o644);
      await this.#refuseLfs(join(base, path), path);
    }
    // Imported lazily: every nx command loads this package, and few commands pack anything.
    const { create } = await import('tar');
    const prefix = `${this.name}-${commit.slice(0, 12)}`;
    const options = { cwd: base, portable: true, mtime: TIME, prefix, noDirRecurse: true };
    const pieces: Buffer[] = [];
    // node-tar reads a name that starts with @ as an archive to include.
    const paths = entries.map(({ path }) => (path.startsWith('@') ? `./${path}` : path));
    for await (const piece of create(options, paths)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** The files below the folder, sorted by their names' bytes, relative to it. */
  async #entries(commit: string, subdirectory: string): Promise<TreeEntry[]> {
    const tree = subdirectory === '' ? commit : `${commit}:${subdirectory}`;
    const { stdout, failed, stderr } = await this.#try(['ls-tree', '-r', '-z', '--full-tree', tree]);
    if (failed) throw this.#failed(stderr, tree);
    const entries = stdout.split('\0').flatMap((line): TreeEntry[] => {
      const [, mode, path] = /^(\d+) \w+ [0-9a-f]+\t(.*)$/s.exec(line) ?? [];
      return mode === undefined || path === undefined ? [] : [{ mode, path }];
    });
    const submodules = entries.filter(({ mode }) => mode === SUBMODULE).map(({ path }) => path);
    if (submodules.length > 0) {
      throw this.#unsupported(`has submodules, which are not supported: ${submodules.join(', ')}`);
    }
    return entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  }

  async #refuseLfs(file: string, path: string): Promise<void> {
    const content = await readFile(file);
    if (content.length > LFS_POINTER_BYTES || !content.toString('latin1').startsWith(LFS_POINTER)) return;
    throw this.#unsupported(`has files in Git LFS, which is not supported: ${path}`);
  }

  async #commitOf(revision: string): Promise<string> {
    const { stdout, stderr, failed } = await this.#try(['rev-parse', '--verify', '--quiet', `${revision}^{commit}`]);
    if (failed) throw this.#failed(stderr, revision);
    return stdout.trim();
  }

  async #git(words: string[], environment: Record<string, string> = {}): Promise<void> {
    const { failed, stderr } = await this.#try(words, environment);
    if (failed) throw this.#failed(stderr);
  }

  async #try(words: string[], environment: Record<string, string> = {}) {
    // Imported lazily: every nx command loads this package, and few commands run programs.
    const { execa } = await import('execa');
    const env = { ...ALWAYS, ...environment, GIT_DIR: this.#bare };
    const result = await execa('git', words, { reject: false, env, cwd: this.folder, stripFinalNewline: false });
    if (result.code === 'ENOENT') throw gitMissing(this.name);
    return { failed: result.failed, stdout: result.stdout, stderr: result.stderr };
  }

  #failed(stderr: string, revision?: string): DistError {
    const lines = stderr.split('\n').filter((line) => line.trim() !== '');
    return distError(this.name, 'DIST_GIT_FAILED', [
      `git could not read ${revision === undefined || revision === 'HEAD' ? '' : `${revision} of `}${this.url}`,
      ...lines.slice(-SHOWN_LINES),
      'Check the URL, the branch, tag or commit after @, and the credentials of this machine (git credential helper, ssh key, ~/.netrc).',
    ]);
  }

  #unsupported(found: string): DistError {
    return distError(this.name, 'DIST_GIT_UNSUPPORTED', [
      `${this.url} ${found}`,
      `Build its wheel once where the whole repository is checked out, keep it in the workspace, and write: ${this.name} @ file:wheels/<its file name>. Or upload its sdist to your index.`,
    ]);
  }
}

const EXECUTABLE = '100755';
const SYMLINK = '120000';
const SUBMODULE = '160000';

/** No question on the terminal, and no protocol that runs a program. */
const ALWAYS = {
  GIT_TERMINAL_PROMPT: '0',
  GIT_ALLOW_PROTOCOL: 'https:http:ssh:file',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'core.hooksPath',
  GIT_CONFIG_VALUE_0: '/dev/null',
  LC_ALL: 'C',
};
/** What the user configured must not change the files. */
const WITHOUT_CONFIGURATION = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const PLAIN_CHECKOUT = ['-c', 'core.autocrlf=false', '-c', 'core.symlinks=true', '-c', 'core.bare=false'];

function gitMissing(name: string): DistError {
  return distError(name, 'DIST_GIT_FAILED', [
    'git is not installed, which a requirement with git+ needs',
    'Install it (Debian and Fedora: git).',
  ]);
}
