// Resolves requirements into exact versions and the files that each has, with `uv pip compile` (its output is a pylock.toml without edges).
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { DistError } from '../dist-error.js';
import type { WheelFile } from '../lock/pylock.js';
import type { TargetEnvironment } from './evaluate.js';
import type { Uv } from './uv.js';

/** A distribution that uv chose, with the wheels that the index offers for the target. */
export interface Resolved {
  name: string;
  version: string;
  wheels: (WheelFile & { url: string })[];
}

/** uv's own explanation of why there is no solution. */
export class ResolutionError extends DistError {
  constructor(
    subject: string,
    readonly explanation: string,
  ) {
    super(subject, [{ code: 'RESOLVE_FAILED', message: `these requirements have no solution\n${explanation}` }]);
  }
}

/**
 * @param subject - the file that the requirements come from, for messages
 * @param requirements - lines as in requirements.txt
 * @param constraints - versions that are given: `numpy==2.2.6`
 * @throws ResolutionError
 */
export async function compileRequirements(
  uv: Uv,
  subject: string,
  requirements: string[],
  target: TargetEnvironment,
  constraints: string[] = [],
): Promise<Resolved[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-lock-'));
  try {
    const input = join(folder, 'requirements.in');
    const given = join(folder, 'constraints.txt');
    await writeFile(input, requirements.join('\n'));
    await writeFile(given, constraints.join('\n'));
    const { stdout, stderr, failed } = await uv.run(
      [
        'pip',
        'compile',
        input,
        '--constraint',
        given,
        '--format',
        'pylock.toml',
        ...uvTarget(target),
        '--no-build',
        '--no-header',
        '--quiet',
        '--no-config',
      ],
      { cwd: folder },
    );
    if (failed) throw new ResolutionError(subject, explain(stderr));
    return parseCompiled(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function uvTarget({ python, platform }: TargetEnvironment): string[] {
  // uv names a platform machine first: x86_64-manylinux_2_28.
  const [, libc = '', machine = ''] = /^(manylinux(?:_\d+_\d+|\d+))_(\w+)$/.exec(platform) ?? [];
  return ['--python-version', python, '--python-platform', libc === '' ? platform : `${machine}-${libc}`];
}

function explain(stderr: string): string {
  return stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('warning:'))
    .join('\n');
}

interface CompiledPackage {
  name: string;
  version: string;
  wheels?: { name?: string; url: string; size?: number; hashes?: { sha256?: string } }[];
}

function parseCompiled(text: string): Resolved[] {
  const { packages = [] } = parse(text) as unknown as { packages?: CompiledPackage[] };
  return packages.map(({ name, version, wheels = [] }) => ({
    name,
    version,
    wheels: wheels.map((wheel) => ({
      name: wheel.name ?? decodeURIComponent(new URL(wheel.url).pathname.split('/').at(-1) ?? ''),
      url: wheel.url,
      size: wheel.size ?? 0,
      sha256: wheel.hashes?.sha256 ?? '',
    })),
  }));
}
