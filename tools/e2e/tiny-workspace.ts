/** Small Nx workspaces with pinpack as their plugin: their tasks take no time, so that what is seen is Nx, its daemon and the store. */
import { mkdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProgram, runProgram } from '@pinpack/common/program';
import { WORKSPACE } from './workspace.js';

/** How Nx runs plugins: in its daemon or not, in workers of their own or not. */
export interface Mode {
  daemon: boolean;
  isolation: boolean;
}

/** By day those of which every part differs: Nx's default, and all in one process. */
export const MODES: Mode[] = [true, false].flatMap((daemon) =>
  [true, false]
    .filter((isolation) => isolation === daemon || process.env.PINPACK_NIGHTLY === '1')
    .map((isolation) => ({ daemon, isolation })),
);

export interface TinyRun {
  exitCode: number | undefined;
  output: string;
  /** What the plugin told of the run, in lines. */
  told: string[];
  /** Seconds. */
  took: number;
}

let changes = 0;

export class TinyWorkspace {
  private constructor(
    readonly folder: string,
    private readonly environment: Record<string, string>,
  ) {}

  /**
   * A workspace of these projects; each has a target `make`, which copies its `input` to its `out/output`, and is cached.
   *
   * @param changes - to the target, by project
   */
  static async make(
    folder: string,
    projects: readonly string[],
    options: object,
    changes: Record<string, object> = {},
  ): Promise<TinyWorkspace> {
    const write = async (path: string, content: unknown): Promise<void> => {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
    };
    await write('package.json', { name: 'tiny', private: true });
    await write('.gitignore', 'node_modules\nout\n.nx\n');
    const plugins = [{ plugin: 'pinpack', options }];
    await write('nx.json', { analytics: false, neverConnectToCloud: true, plugins });
    for (const name of projects) {
      const command = `mkdir -p out && cp input out/output && echo made ${name}`;
      const make = {
        executor: 'nx:run-commands',
        cache: true,
        inputs: ['{projectRoot}/input'],
        outputs: ['{projectRoot}/out'],
        options: { command, cwd: '{projectRoot}' },
        ...changes[name],
      };
      await write(`projects/${name}/project.json`, { name, targets: { make } });
      await write(`projects/${name}/input`, `${name}\n`);
    }
    await symlink(join(WORKSPACE, 'node_modules'), join(folder, 'node_modules'));
    await readProgram('git', ['init', '--quiet', folder]);
    return new TinyWorkspace(folder, {});
  }

  /** The same workspace in another way of running it. @param state - a folder for its caches, which are empty at first */
  as(mode: Mode, state: string, environment: Record<string, string>): TinyWorkspace {
    return new TinyWorkspace(this.folder, {
      NX_DAEMON: String(mode.daemon),
      NX_ISOLATE_PLUGINS: String(mode.isolation),
      NX_CACHE_DIRECTORY: join(state, 'nx-cache'),
      NX_WORKSPACE_DATA_DIRECTORY: join(state, 'nx-data'),
      XDG_CACHE_HOME: join(state, 'cache'),
      // Neither those of whoever runs the tests, nor the test runner's.
      ...Object.fromEntries(
        ['CI', 'PINPACK_STORE', 'NODE_ENV', 'VITEST', 'GITHUB_STEP_SUMMARY'].map((name) => [name, '']),
      ),
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      ...environment,
    });
  }

  /** `nx run-many -t make` of these projects. */
  async run(projects: readonly string[], environment: Record<string, string> = {}): Promise<TinyRun> {
    for (const name of projects) await rm(join(this.folder, 'projects', name, 'out'), { recursive: true, force: true });
    const started = performance.now();
    const words = ['node_modules/.bin/nx', 'run-many', '-t', 'make', '-p', projects.join()];
    // Behind a pipe, as in a log of CI: what Node's own pipes are nobody else could open.
    const { exitCode, stdout: output } = await runProgram(
      'bash',
      ['-c', '"$@" 2>&1 | cat; exit ${PIPESTATUS[0]}', 'run', ...words],
      {
        cwd: this.folder,
        env: { ...this.environment, ...environment },
      },
    );
    const told = output.split('\n').filter((line) => line.startsWith('pinpack store: '));
    return { exitCode, output, told, took: (performance.now() - started) / 1000 };
  }

  async change(project: string, input: string): Promise<void> {
    const file = join(this.folder, 'projects', project, 'input');
    await writeFile(file, input);
    // Without its daemon Nx takes a file with the same time in seconds as unchanged, and a run may take less than a second.
    const changed = Date.now() / 1000 + ++changes;
    await utimes(file, changed, changed);
  }

  /** What the task of a project made. */
  made(project: string): Promise<string> {
    return readFile(join(this.folder, 'projects', project, 'out/output'), 'utf8').catch(() => '');
  }

  async stopDaemon(): Promise<void> {
    await runProgram('node_modules/.bin/nx', ['daemon', '--stop'], { cwd: this.folder, env: this.environment });
  }
}
