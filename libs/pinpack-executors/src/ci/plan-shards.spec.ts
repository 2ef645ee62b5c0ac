import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planShards, type PlannedTask, type Shard } from './plan-shards.js';
import { planTasks } from './read-tasks.js';
import { targetsOf } from './run-cli.js';

/** A pin: `<name>:rpm`, which depends on `<name>:wheel`, which takes the time and may depend on other wheels. */
function pin(name: string, ms: number, ...wheels: string[]): PlannedTask[] {
  const task = { project: name, isRequested: false, ms };
  return [
    { ...task, id: `${name}:wheel`, target: 'wheel', dependencies: wheels.map((other) => `${other}:wheel`) },
    { ...task, id: `${name}:rpm`, target: 'rpm', dependencies: [`${name}:wheel`], ms: 100, isRequested: true },
  ];
}

function application(name: string, ...pins: string[]): PlannedTask {
  const dependencies = pins.map((pin) => `${pin}:rpm`);
  return { id: `${name}:rpm`, project: name, target: 'rpm', dependencies, ms: 100, isRequested: true };
}

const projectsOf = ({ stages }: Shard): string[][] => stages.map(({ projects }) => projects);
const ANY = { secondsPerShard: 0 };

describe('planShards', () => {
  test('gives the longest task a machine of its own, and the others what fits beside it', () => {
    const tasks = [...pin('a', 10_000), ...pin('b', 4_000), ...pin('c', 3_000), ...pin('d', 3_000)];
    const shards = planShards(tasks, { ...ANY, shards: 2 });
    expect(shards.map(projectsOf)).toEqual([[['a']], [['b', 'c', 'd']]]);
    expect(shards.map(({ seconds }) => seconds)).toEqual([10, 10]);
  });

  test('keeps tasks together that share a dependency, if it takes longer than they do', () => {
    const tasks = [...pin('numpy', 60_000), ...pin('a', 100, 'numpy'), ...pin('b', 100, 'numpy'), ...pin('c', 20_000)];
    const shards = planShards(tasks, { ...ANY, shards: 2 });
    expect(shards.map(projectsOf)).toEqual([[['a', 'b', 'numpy'].sort()], [['c']]]);
  });

  test('separates tasks that share a dependency, if they take longer', () => {
    const tasks = [...pin('numpy', 1_000), ...pin('a', 50_000, 'numpy'), ...pin('b', 50_000, 'numpy')];
    const shards = planShards(tasks, { ...ANY, shards: 2 });
    expect(
      shards.map(({ stages }) => stages.flatMap(({ projects }) => projects).filter((name) => name !== 'numpy')),
    ).toEqual([['a'], ['b']]);
  });

  test('runs what depends on the tasks of other shards in a later stage', () => {
    const tasks = [...pin('a', 5_000), ...pin('b', 5_000), application('app', 'a', 'b')];
    const shards = planShards(tasks, { ...ANY, shards: 2 });
    expect(shards.map(projectsOf)).toEqual([[['a'], ['app']], [['b']]]);
  });

  test('uses no more machines than there is work for', () => {
    const tasks = [...pin('a', 20_000), ...pin('b', 20_000), ...pin('c', 20_000)];
    expect(planShards(tasks, { shards: 8, secondsPerShard: 60 })).toHaveLength(2);
    expect(planShards(tasks, { shards: 8, secondsPerShard: 0 })).toHaveLength(3);
    expect(planShards(pin('a', 1), { shards: 8, secondsPerShard: 60 })).toHaveLength(1);
    expect(planShards([], { shards: 8, secondsPerShard: 60 })).toEqual([]);
  });

  test('every requested task is in one shard, and after those that it depends on, whatever the graph', () => {
    const graph = fc.array(
      fc.record({ ms: fc.nat(100_000), needs: fc.array(fc.nat(30), { maxLength: 4 }), isRequested: fc.boolean() }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(graph, fc.integer({ min: 1, max: 6 }), (nodes, shards) => {
        const tasks = nodes.map(({ ms, needs, isRequested }, index): PlannedTask => ({
          ...{ id: `p${index}:rpm`, project: `p${index}`, target: 'rpm', ms, isRequested },
          dependencies: needs.filter((need) => need < index).map((need) => `p${need}:rpm`),
        }));
        const plan = planShards(tasks, { ...ANY, shards });
        const placed = plan.flatMap(({ stages }) => stages.flatMap(({ projects }) => projects));
        const requested = tasks.filter(({ isRequested }) => isRequested);
        expect([...placed].sort()).toEqual(requested.map(({ project }) => project).sort());
        for (const { stages } of plan) {
          for (const [index, { projects }] of stages.entries()) {
            const later = stages.slice(index + 1).flatMap((stage) => stage.projects);
            for (const task of tasks.filter(({ project }) => projects.includes(project))) {
              expect(task.dependencies.filter((id) => later.includes(id.replace(':rpm', '')))).toEqual([]);
            }
          }
        }
      }),
    );
  });
});

test('planTasks: groups are not planned, builds from source count as long, and known tasks by their past durations', () => {
  const node = (targets: Record<string, { executor: string }>) => ({
    data: { targets },
  });
  const name = (project: string, target: string) => ({ id: `${project}:${target}`, target: { project, target } });
  const graph = {
    graph: {
      nodes: {
        set: node({ rpm: { executor: 'nx:noop' } }),
        six: node({ wheel: { executor: 'pinpack:wheel' }, rpm: { executor: 'pinpack:rpm' } }),
        numpy: node({ wheel: { executor: 'pinpack:build' }, rpm: { executor: 'pinpack:rpm' } }),
      },
    },
    tasks: {
      tasks: Object.fromEntries(
        [name('set', 'rpm'), name('six', 'wheel'), name('six', 'rpm'), name('numpy', 'wheel')].map((task) => [
          task.id,
          task,
        ]),
      ),
      dependencies: { 'set:rpm': ['six:rpm'], 'six:rpm': ['six:wheel'] },
    },
  };
  const planned = planTasks(graph, ['rpm'], new Map([['six:rpm', 40]]));
  expect(planned.map(({ id, ms, isRequested }) => [id, ms, isRequested])).toEqual([
    ['set:rpm', 0, false],
    ['six:wheel', 1000, false],
    ['six:rpm', 40, true],
    ['numpy:wheel', 60_000, false],
  ]);
});

test.each([
  [
    ['affected', '-t', 'rpm', 'smoke', '--base=main'],
    ['rpm', 'smoke'],
  ],
  [
    ['run-many', '--targets=rpm,image', '-p', 'a', 'b'],
    ['rpm', 'image'],
  ],
  [['run-many', '--target', 'rpm', '--parallel', '3'], ['rpm']],
  [['affected'], []],
])('the targets of nx %j', (args, targets) => {
  expect(targetsOf(args)).toEqual(targets);
});
