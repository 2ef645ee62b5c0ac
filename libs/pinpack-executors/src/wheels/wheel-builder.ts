// Builds the source pins of one run, which share uv, the build environments and the machine's cores.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  BuildEnvironments,
  buildWheel,
  cacheFolder,
  findInterpreter,
  Uv,
  unsandboxedWarning,
  type Builder,
  type BuiltSource,
  type Interpreter,
  type Pin,
  type RootBuilder,
} from '@pinpack/python-dist';
import { elfRequires } from '@pinpack/rpm-gen';
import { wheelProject } from '@pinpack/rpm-packaging';
import pLimit from 'p-limit';
import { openBundledPython } from '../build-roots/open-bundled-python.js';
import { openRootBuilder } from '../build-roots/open-root-builder.js';
import { makeOnce } from '../tasks/make-once.js';
import type { RunContext } from '../tasks/run-executor.js';
import { recordOrigin } from '../tasks/task-origins.js';
import type { WheelFetcher } from './fetch-wheel.js';
import { limitsOf } from '../workspace/plugin-options.js';
import { refuseSharedCache } from '../workspace/sandbox-setting.js';
import { storedBuildOf } from './stored-build.js';

export interface BuildTask {
  reqset: string;
  pin: Pin;
  source: BuiltSource;
  /** Relative to the workspace's root. */
  wheels: string;
  log: string;
}

export class WheelBuilder {
  private readonly limit = pLimit(availableParallelism());
  /** One more than there are builds at a time: its environment is made in the meantime. */
  private readonly slots = pLimit(availableParallelism() + 1);
  private readonly interpreters = new Map<string, Promise<Interpreter>>();
  private readonly roots = new Map<string, Promise<RootBuilder>>();
  private tools: Promise<{ uv: Uv; environments: BuildEnvironments }> | undefined;

  constructor(
    private readonly run: RunContext,
    private readonly fetcher: WheelFetcher,
  ) {}

  /** @returns whether the wheel came from the store. @throws DistError, PinpackError, StoreError */
  async build(task: BuildTask): Promise<boolean> {
    const { root, store, policy } = this.run;
    const interpreter = task.pin.buildRoot === undefined ? await this.interpreterOf(task) : undefined;
    const stored = await storedBuildOf(await store, { ...task, root, interpreter });
    // Keys and signatures of the store promise what the sandbox ensures.
    const kept = policy.sandbox === 'on' ? stored : undefined;
    const origin = await makeOnce({
      ...{ store: kept?.store, kind: 'wheel', key: kept?.key, inSlot: this.slots },
      restore: async () => ((await stored?.restore()) === true ? 'store' : undefined),
      make: async () => {
        const builder = interpreter === undefined ? await this.rootOf(task) : { interpreter };
        const name = await this.make(task, builder);
        await kept?.keep(name);
        return 'built';
      },
    });
    return origin === 'store';
  }

  private async make({ reqset, pin, source, wheels, log }: BuildTask, builder: Builder): Promise<string> {
    const { root, policy } = this.run;
    if (policy.sandbox === 'off') this.warn(pin);
    const { environments } = await this.findTools();
    const archive = source.kind === 'sdist' ? join(root, wheels, source.sdist.name) : undefined;
    if (source.kind === 'sdist' && archive !== undefined) await this.fetcher.fetch(pin.name, source.sdist, archive);
    const environment = await environments.get(builder, source.buildRequires, async ({ name, wheel }, path) => {
      await this.fetcher.fetch(name, wheel, path);
    });
    const limits = limitsOf(this.run.settings);
    const { interpreter, root: buildRoot } = builder;
    const readRequires = (data: Uint8Array): string[] | undefined => elfRequires(data)?.requires;
    const tree = { root, pin, source, environment, wheels, log };
    const common = { ...tree, policy, interpreter, buildRoot, readRequires, limits };
    return this.limit(async () => {
      const started = performance.now();
      const name = await buildWheel({ ...common, ...(archive !== undefined && { archive }) });
      const ms = Math.round(performance.now() - started);
      recordOrigin({ task: `${wheelProject(reqset, pin.name)}:wheel`, origin: 'built', ms });
      return name;
    });
  }

  private warn({ name, version }: Pin): void {
    refuseSharedCache(process.env, this.run.usesNxCloud);
    console.warn(unsandboxedWarning(`${name} ${version}`));
  }

  private rootOf({ reqset, pin }: BuildTask): Promise<RootBuilder> {
    const key = `${reqset} ${pin.buildRoot ?? ''} ${pin.python}`;
    const known = this.roots.get(key) ?? openRootBuilder(this.run, { set: reqset, pin }, this.fetcher);
    this.roots.set(key, known);
    return known;
  }

  private interpreterOf({ reqset, pin }: BuildTask): Promise<Interpreter> {
    const key = pin.interpreter ?? pin.python;
    const known = this.interpreters.get(key) ?? this.findInterpreter(reqset, pin);
    this.interpreters.set(key, known);
    return known;
  }

  private async findInterpreter(reqset: string, { python, bundled }: Pin): Promise<Interpreter> {
    const { uv } = await this.findTools();
    if (bundled !== true) return findInterpreter(uv, python);
    return findInterpreter(uv, python, await openBundledPython(this.run, reqset, this.fetcher));
  }

  private findTools(): Promise<{ uv: Uv; environments: BuildEnvironments }> {
    this.tools ??= Uv.find(this.run.root).then((uv) => ({
      uv,
      environments: new BuildEnvironments(uv, join(cacheFolder(process.env), 'environments')),
    }));
    return this.tools;
  }
}
