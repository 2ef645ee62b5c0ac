// Runs uv, which resolves and builds. It is found in the workspace's .venv first, then on PATH, and never downloads a Python by itself.
import { join } from 'node:path';
import { distError } from '../dist-error.js';
import { exists } from '../files/optional-file.js';
import type { IndexConfiguration } from '../index/index-configuration.js';

export interface UvOptions {
  cwd?: string;
  input?: string;
  env?: Record<string, string>;
}

export interface UvResult {
  stdout: string;
  stderr: string;
  failed: boolean;
  /** undefined where the program could not be started or was killed. */
  exitCode: number | undefined;
}

/** What a reqset is made from stands in its files: these would add to it by whoever's shell it is locked in. */
const NOT_INHERITED = Object.fromEntries(
  ['FIND_LINKS', 'CONSTRAINT', 'OVERRIDE', 'EXCLUDE', 'RESOLUTION', 'PRERELEASE', 'FORK_STRATEGY', 'TORCH_BACKEND'].map(
    (name) => [`UV_${name}`, undefined],
  ),
);

export class Uv {
  private constructor(
    private readonly program: string,
    private readonly environment: Record<string, string | undefined>,
  ) {}

  /**
   * @param root - the workspace's root
   * @param index - handed to uv, since uv doesn't read pip.conf; without one uv works offline
   * @throws DistError `DIST_RESOLVE_UV_MISSING`
   */
  static async find(root: string, index?: IndexConfiguration): Promise<Uv> {
    const own = join(root, '.venv/bin/uv');
    const program = (await exists(own)) ? own : 'uv';
    // Loaded when needed: every nx command loads this room, and few run programs.
    const { execa } = await import('execa');
    const { failed } = await execa(program, ['--version'], { reject: false });
    if (failed) {
      throw distError('uv', 'DIST_RESOLVE_UV_MISSING', [
        'the program that resolves and builds is not here',
        'looked in .venv/bin and on PATH',
        'Install it: `pipx install uv` (Debian: pipx; Fedora: uv), or in this workspace `python3 -m venv .venv && .venv/bin/pip install uv`.',
      ]);
    }
    return new Uv(program, {
      UV_PYTHON_DOWNLOADS: 'never',
      NO_COLOR: '1',
      ...NOT_INHERITED,
      ...indexEnvironment(index),
    });
  }

  /** Runs `uv …` without rejecting: callers turn a failure into a message of their own. */
  async run(words: string[], { env, ...options }: UvOptions = {}): Promise<UvResult> {
    const { execa } = await import('execa');
    const { stdout, stderr, failed, exitCode } = await execa(this.program, words, {
      ...options,
      reject: false,
      env: { ...this.environment, ...env },
    });
    return { stdout, stderr, failed, exitCode };
  }
}

function indexEnvironment(index: IndexConfiguration | undefined): Record<string, string> {
  if (index === undefined) return { UV_OFFLINE: '1' };
  const [first = '', ...rest] = [...index.urls].reverse();
  return {
    UV_DEFAULT_INDEX: first,
    ...(rest.length > 0 && { UV_INDEX: rest.reverse().join(' ') }),
    ...(index.certificates !== undefined && { SSL_CERT_FILE: index.certificates }),
  };
}
