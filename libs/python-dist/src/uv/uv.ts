// Runs uv from the workspace's .venv or from PATH. It never downloads a Python.
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
  /** Undefined if the program could not be started or was killed. */
  exitCode: number | undefined;
}

/** A lock depends only on the files of its reqset: these variables of the user's shell would change it. */
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
   * @param index - passed to uv, which does not read pip.conf; without it uv works offline
   * @throws DistError `DIST_RESOLVE_UV_MISSING`
   */
  static async find(root: string, index?: IndexConfiguration): Promise<Uv> {
    const own = join(root, '.venv/bin/uv');
    const program = (await exists(own)) ? own : 'uv';
    // Imported lazily: every nx command loads this package, and few commands run programs.
    const { execa } = await import('execa');
    const { failed } = await execa(program, ['--version'], { reject: false });
    if (failed) {
      throw distError('uv', 'DIST_RESOLVE_UV_MISSING', [
        'uv, which resolves and builds, is not installed',
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

  /** Runs `uv …`. It does not reject: callers report failures with their own messages. */
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
