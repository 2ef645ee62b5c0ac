// Runs uv from the workspace's .venv or from PATH. It never downloads a Python.
import { join } from 'node:path';
import { distError } from '../dist-error.js';
import { exists } from '../files/optional-file.js';

export interface UvOptions {
  cwd?: string;
  input?: string;
  env?: Record<string, string>;
  /** Ends uv after this time. */
  timeoutSeconds?: number;
}

export interface UvResult {
  stdout: string;
  stderr: string;
  failed: boolean;
  /** Undefined if the program could not be started or was killed. */
  exitCode: number | undefined;
  timedOut: boolean;
}

/**
 * A lock depends only on the files of its reqset: these variables of the user's shell would change it. Those of indexes are not passed on because they
 * may contain passwords, which uv does not need: it reads indexes through the gateway.
 */
const NOT_INHERITED = [
  ...['FIND_LINKS', 'CONSTRAINT', 'OVERRIDE', 'EXCLUDE', 'RESOLUTION', 'PRERELEASE', 'FORK_STRATEGY', 'TORCH_BACKEND'],
  ...['INDEX', 'DEFAULT_INDEX', 'INDEX_URL', 'EXTRA_INDEX_URL', 'INDEX_STRATEGY', 'NO_INDEX', 'CONFIG_FILE'],
];
const NOT_INHERITED_PATTERN = /^(?:UV_INDEX_.*_(?:USERNAME|PASSWORD)|PIP_(?:EXTRA_)?INDEX_URL)$/;

function notInherited(environment: Record<string, string | undefined>): Record<string, undefined> {
  const names = Object.keys(environment).filter((name) => NOT_INHERITED_PATTERN.test(name));
  return Object.fromEntries([...NOT_INHERITED.map((name) => `UV_${name}`), ...names].map((name) => [name, undefined]));
}

export class Uv {
  readonly #running = new Set<{ about: string; since: number }>();

  private constructor(
    private readonly program: string,
    private readonly environment: Record<string, string | undefined>,
  ) {}

  /**
   * uv works offline, unless it is run with the environment of an index gateway.
   *
   * @param root - the workspace's root
   * @throws DistError `DIST_RESOLVE_UV_MISSING`
   */
  static async find(root: string): Promise<Uv> {
    const own = join(root, '.venv/bin/uv');
    const program = (await exists(own)) ? own : 'uv';
    // Imported lazily: every nx command loads this package, and few commands run programs.
    const { execa } = await import('execa');
    const environment = { UV_PYTHON_DOWNLOADS: 'never', NO_COLOR: '1', UV_OFFLINE: '1', ...notInherited(process.env) };
    const { failed } = await execa(program, ['--version'], { reject: false, env: environment });
    if (failed) {
      throw distError('uv', 'DIST_RESOLVE_UV_MISSING', [
        'uv, which resolves and builds, is not installed',
        'looked in .venv/bin and on PATH',
        'Install it into .venv: `npx pinpack setup`, or for the user: `pipx install uv` (Debian: pipx; Fedora: uv).',
      ]);
    }
    return new Uv(program, environment);
  }

  /** The runs that have not ended, the oldest first. */
  get pending(): readonly { about: string; since: number }[] {
    return [...this.#running];
  }

  /** Runs `uv …`. It does not reject: callers report failures with their own messages. */
  async run(words: string[], { env, timeoutSeconds, ...options }: UvOptions = {}): Promise<UvResult> {
    const { execa } = await import('execa');
    const running = { about: ['uv', ...words.slice(0, 2)].join(' '), since: Date.now() };
    this.#running.add(running);
    const { stdout, stderr, failed, exitCode, timedOut } = await execa(this.program, words, {
      ...options,
      ...(timeoutSeconds !== undefined && { timeout: timeoutSeconds * 1000 }),
      reject: false,
      env: { ...this.environment, ...env },
    });
    this.#running.delete(running);
    return { stdout, stderr, failed, exitCode, timedOut };
  }
}
