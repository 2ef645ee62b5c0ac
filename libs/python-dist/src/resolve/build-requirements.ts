// Locks what builds need: resolved with the reqset's own pins as constraints, so that what is compiled against numpy fits the reqset's numpy.
import type { IndexClient } from '../index/index-client.js';
import type { BuildRequirement } from '../lock/lock.js';
import { choose, lockedFile } from './chosen.js';
import { compileRequirements } from './compile.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { stayingOptions, type LockOptions } from './lock-options.js';
import type { Uv } from '../uv/uv.js';

/** What one build asks for. */
export interface BuildNeeds {
  /** Whose, for messages. */
  subject: string;
  requires: string[];
  /** Versions that are given: `numpy==2.2.6`. */
  constraints: string[];
  /** What the lock that is there has for it. */
  before?: readonly { name: string; version: string }[];
}

/** Resolves build requirements; builds that need the same are resolved once. */
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
    const resolved = await compileRequirements(this.tools.uv, subject, requires, this.target, {
      constraints,
      ...stayingOptions(this.options, before),
    });
    const chosen = await choose(this.tools, subject, resolved, this.target);
    return chosen.map(({ name, version, wheel }) => ({ name, version, wheel: lockedFile(wheel) }));
  }
}
