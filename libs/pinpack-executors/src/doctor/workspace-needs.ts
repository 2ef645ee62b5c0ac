// What the workspace's locks and options need from the machine.
import type { LockedPackage } from '@pinpack/python-dist';
import { setLabel } from '@pinpack/rpm-packaging';
import { readLockedSets } from '../workspace/locked-sets.js';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { orProblem } from '../workspace/read-reqset.js';
import { readPublishSettings } from '../workspace/publish-settings.js';
import { readLock } from '../workspace/read-lock.js';
import { isSandboxOff, type Environment } from '../workspace/store-environment.js';
import type { Purpose } from './system-table.js';

export interface WorkspaceNeeds {
  /** Locks that cannot be read. */
  problems: { set: string; problem: string }[];
  /** Labels of the sets with builds from source. */
  sources: string[];
  pythons: { minor: string; label: string; isNeeded: boolean }[];
  /** "system" in reqset.json. */
  system: { pin: Pick<LockedPackage, 'name' | 'version'>; needs: readonly string[] }[];
  /** What the targets of the workspace do. */
  purposes: ReadonlySet<Purpose>;
  isSandboxOff: boolean;
  /** A pin of an index to ask for. */
  sample: { set: string; name: string } | undefined;
}

/** @param only - one set; undefined: all with a lock */
export function readNeeds(
  root: string,
  options: PluginOptions,
  { environment, only }: { environment: Environment; only?: string | undefined },
): WorkspaceNeeds {
  const sets = readLockedSets(root).filter((set) => only === undefined || set === only);
  const read = sets.map((set) => ({ set, lock: orProblem(() => readLock(root, set)) }));
  const locks = read.flatMap(({ set, lock }) => ('problem' in lock ? [] : [{ set, lock }]));
  const isBuilt = ({ source }: LockedPackage): boolean => source.kind === 'sdist' || source.kind === 'directory';
  const building = locks.filter(({ lock }) => lock.packages.some(isBuilt));
  const { sign, to } = readPublishSettings(options, environment);
  // Another Python comes along with its set.
  const withSystem = locks.filter(({ lock }) => lock.interpreter === undefined);
  const minors = [...new Set(withSystem.map(({ lock }) => minorOf(lock.python)))].sort();
  const samples = locks.flatMap(({ set, lock }) =>
    lock.packages.filter(({ source }) => source.kind === 'wheel').map(({ name }) => ({ set, name })),
  );
  return {
    problems: read.flatMap(({ set, lock }) => ('problem' in lock ? [{ set, problem: lock.problem }] : [])),
    sources: building.map(({ set }) => setLabel(set)),
    pythons: minors.map((minor) => {
      const users = withSystem.filter(({ lock }) => minorOf(lock.python) === minor);
      const isNeeded = users.some(({ lock }) => lock.bytecode || lock.packages.some(isBuilt));
      return { minor, label: users.map(({ set }) => setLabel(set)).join(', '), isNeeded };
    }),
    system: locks.flatMap(({ lock }) =>
      lock.packages.flatMap(({ name, version, source }) =>
        source.kind === 'sdist' && source.recipe.system.length > 0
          ? [{ pin: { name, version }, needs: source.recipe.system }]
          : [],
      ),
    ),
    purposes: new Set<Purpose>([
      ...(building.length > 0 ? (['build'] as const) : []),
      ...(to !== undefined ? (['repo'] as const) : []),
      ...(sign !== undefined ? (['sign'] as const) : []),
    ]),
    isSandboxOff: isSandboxOff(options, environment),
    sample: samples[0],
  };
}

function minorOf(python: string): string {
  return python.split('.').slice(0, 2).join('.');
}
