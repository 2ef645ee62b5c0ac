// Locks build requirements. They are resolved with the reqset's pins as constraints, so that packages are compiled against the reqset's numpy.
import { distError, type DistError } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import type { BuildRequirement } from '../lock/lock.js';
import { choose, lockedFile } from './chosen.js';
import { compileRequirements, ResolutionError } from './compile.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { keepOptions, type LockOptions } from './lock-options.js';
import type { Uv } from '../uv/uv.js';

/** The build requirements of a build. */
export interface BuildNeeds {
  /** The source, for messages. */
  subject: string;
  requires: string[];
  /** Fixed versions: `numpy==2.2.6`. */
  constraints: string[];
  /** The build requirements in the previous lock. */
  before?: readonly { name: string; version: string }[];
}

/** Resolves build requirements, once for builds with the same requirements. */
export class BuildResolver {
  private readonly resolved = new Map<string, Promise<BuildRequirement[]>>();

  constructor(
    private readonly tools: { uv: Uv; index: IndexClient },
    private readonly target: TargetEnvironment,
    private readonly options: LockOptions,
  ) {}

  /** @throws DistError `DIST_RESOLVE_FAILED`, `DIST_RESOLVE_NO_WHEEL`, `DIST_INDEX_*` */
  resolve(needs: BuildNeeds): Promise<BuildRequirement[]> {
    if (needs.requires.length === 0) return Promise.resolve([]);
    const key = JSON.stringify([[...needs.requires].sort(), needs.constraints, needs.before]);
    const known = this.resolved.get(key) ?? this.compile(needs);
    this.resolved.set(key, known);
    return known;
  }

  private async compile({ subject, requires, constraints, before = [] }: BuildNeeds): Promise<BuildRequirement[]> {
    const options = { constraints, ...keepOptions(this.options, before) };
    const resolved = await compileRequirements(this.tools, subject, requires, this.target, options).catch(
      (error: unknown) => {
        throw error instanceof ResolutionError ? noSolution(subject, error) : error;
      },
    );
    const chosen = await choose(this.tools, subject, resolved, this.target);
    return chosen.map(({ name, version, wheel }) => ({ name, version, wheel: lockedFile(wheel) }));
  }
}

function noSolution(subject: string, error: ResolutionError): DistError {
  const next = subject.includes('pyproject.toml')
    ? 'Change them there, or the pins that they have to fit.'
    : 'Replace them in reqset.json, "build": {"<name>": {"requires": ["setuptools<81"]}}, or pin a version that has a wheel.';
  const found = 'the build requirements, with the pins of the set, have no solution';
  return distError(subject, 'DIST_RESOLVE_FAILED', [found, error.explanation, next], { cause: error });
}
