// Locks build requirements. They are resolved with the reqset's pins as constraints, so that packages are compiled against the reqset's numpy.
import type { IndexClient } from '../index/index-client.js';
import type { BuildRequirement } from '../lock/lock.js';
import { choose, lockedFile } from './chosen.js';
import { compileRequirements } from './compile.js';
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
    const resolved = await compileRequirements(this.tools, subject, requires, this.target, {
      constraints,
      ...keepOptions(this.options, before),
    });
    const chosen = await choose(this.tools, subject, resolved, this.target);
    return chosen.map(({ name, version, wheel }) => ({ name, version, wheel: lockedFile(wheel) }));
  }
}
