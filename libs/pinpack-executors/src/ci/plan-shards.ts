// Splits the tasks of a pipeline among its machines by their past durations and dependencies. Pure.
// It is a list scheduling: the tasks in the order of their dependencies, the longest first, each on the machine where it would end first.

export interface PlannedTask {
  id: string;
  project: string;
  target: string;
  /** Ids of all tasks that it depends on directly. */
  dependencies: readonly string[];
  /** Expected duration if it has to be made. */
  ms: number;
  /** Whether the pipeline asks for it. Other tasks run before the tasks that depend on them. */
  isRequested: boolean;
}

/** Tasks of one target that a shard runs with one command of Nx. */
export interface Stage {
  target: string;
  projects: string[];
}

export interface Shard {
  /** From 1. */
  shard: number;
  tasks: number;
  /** Expected. */
  seconds: number;
  /** In order: the tasks of a stage may depend on tasks that other shards run in an earlier one. */
  stages: Stage[];
}

export interface ShardOptions {
  /** At most. */
  shards: number;
  /** Another machine must have at least so much work: setting it up takes time. */
  secondsPerShard: number;
}

/** Restoring an output that another shard has made. */
const RESTORE_MS = 500;

export function planShards(tasks: readonly PlannedTask[], { shards, secondsPerShard }: ShardOptions): Shard[] {
  const graph = new Map(tasks.map((task) => [task.id, task]));
  const requested = tasks.filter(({ isRequested }) => isRequested);
  if (requested.length === 0) return [];
  const total = tasks.reduce((sum, { ms }) => sum + ms, 0);
  const useful = Math.max(1, Math.ceil(total / 1000 / Math.max(1, secondsPerShard)));
  const schedule = new Schedule(graph, Math.min(shards, useful, requested.length));
  const levels = levelsOf(graph);
  const costs = new Map(requested.map((task) => [task.id, costOf(task, graph)]));
  const cost = ({ id }: PlannedTask): number => costs.get(id) ?? 0;
  const level = ({ id }: PlannedTask): number => levels.get(id) ?? 0;
  const order = [...requested].sort((a, b) => level(a) - level(b) || cost(b) - cost(a) || (a.id < b.id ? -1 : 1));
  const shardOf = new Map(order.map((task) => [task, schedule.place(task)]));
  return schedule.ends.flatMap((end, index) => {
    const own = order.filter((task) => shardOf.get(task) === index);
    return own.length === 0
      ? []
      : [{ shard: index + 1, tasks: own.length, seconds: Math.round(end / 1000), stages: stagesOf(own, level) }];
  });
}

/** Where tasks have been placed, and when they end. */
class Schedule {
  /** Of each machine, in milliseconds. */
  readonly ends: number[];
  private readonly done = new Map<string, { machine: number; end: number }>();

  constructor(
    private readonly graph: ReadonlyMap<string, PlannedTask>,
    machines: number,
  ) {
    this.ends = Array.from({ length: machines }, () => 0);
  }

  place(task: PlannedTask): number {
    const times = this.ends.map((_, machine) => this.timesOn(machine, task));
    const machine = times.indexOf(times.reduce((best, one) => (endOf(one) < endOf(best) ? one : best)));
    for (const { id, end } of times[machine] ?? []) this.done.set(id, { machine, end });
    this.ends[machine] = endOf(times[machine] ?? []);
    return machine;
  }

  /** When a task, and what has to run before it, would end on a machine. */
  private timesOn(machine: number, task: PlannedTask): { id: string; end: number }[] {
    const needed = closureOf(task, this.graph);
    const elsewhere = needed.flatMap((id) => {
      const done = this.done.get(id);
      return done === undefined || done.machine === machine ? [] : [done.end + RESTORE_MS];
    });
    const isMissing = (id: string): boolean => !this.done.has(id);
    let end = this.ends[machine] ?? 0;
    const before = needed.filter(isMissing).map((id) => ({ id, end: (end += this.graph.get(id)?.ms ?? 0) }));
    return [...before, { id: task.id, end: Math.max(end, ...elsewhere) + task.ms }];
  }
}

function endOf(times: readonly { end: number }[]): number {
  return times.at(-1)?.end ?? 0;
}

/** The tasks that a task depends on, directly and indirectly, each after its own dependencies. */
function closureOf(task: PlannedTask, graph: ReadonlyMap<string, PlannedTask>): string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const visit = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    graph.get(id)?.dependencies.forEach(visit);
    found.add(id);
  };
  task.dependencies.forEach(visit);
  return [...found];
}

/** Of a task and what has to run before it, without other requested tasks. */
function costOf(task: PlannedTask, graph: ReadonlyMap<string, PlannedTask>): number {
  return closureOf(task, graph).reduce((sum, id) => {
    const needed = graph.get(id);
    return needed === undefined || needed.isRequested ? sum : sum + needed.ms;
  }, task.ms);
}

/** For each task: how many requested tasks depend on each other before it. */
function levelsOf(graph: ReadonlyMap<string, PlannedTask>): Map<string, number> {
  const levels = new Map<string, number>();
  const levelOf = (id: string): number => {
    const known = levels.get(id);
    if (known !== undefined) return known;
    // Tasks have no cycles. Until it is known, a task counts as the first.
    levels.set(id, 0);
    const needed = (graph.get(id)?.dependencies ?? []).map((needed) =>
      graph.get(needed)?.isRequested === true ? levelOf(needed) + 1 : levelOf(needed),
    );
    const level = Math.max(0, ...needed);
    levels.set(id, level);
    return level;
  };
  for (const id of graph.keys()) levelOf(id);
  return levels;
}

function stagesOf(tasks: readonly PlannedTask[], level: (task: PlannedTask) => number): Stage[] {
  const stages = new Map<string, Stage>();
  for (const task of tasks) {
    const name = `${level(task)} ${task.target}`;
    const stage = stages.get(name) ?? { target: task.target, projects: [] };
    stage.projects.push(task.project);
    stages.set(name, stage);
  }
  return [...stages.values()];
}
