import type { ProjectConfiguration } from '@nx/devkit';
import fc from 'fast-check';
import { samplePin, sampleSourcePin } from '@pinpack/rpm-packaging/testing';
import { describe, expect, test } from 'vitest';
import { joinExecutors } from '../graph/join-executors.js';
import { pinProject, type PinContext } from '../graph/targets.js';
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

test.each([
  ['with one executor for wheels and RPMs', joinExecutors],
  ['with an executor each', (project: ProjectConfiguration) => project],
])('planTasks, %s: groups take no time, builds from source long, known tasks as long as before', (_, join) => {
  const codes = { 'source-build': 'a', 'wheel-rpm': 'b' } as PinContext['codes'];
  const projects = [samplePin({ name: 'six' }), samplePin({ name: 'attrs' }), sampleSourcePin()].map((pin) =>
    join(pinProject('reqset3', pin, { codes })),
  );
  const group = { name: 'reqset3', root: '', targets: { rpm: { executor: 'nx:noop' } } };
  const all = [group, ...projects].flatMap(({ name = '', targets }) =>
    Object.keys(targets ?? {}).map((target) => ({ id: `${name}:${target}`, target: { project: name, target } })),
  );
  const planned = planTasks(
    {
      graph: { nodes: Object.fromEntries([group, ...projects].map((data) => [data.name ?? '', { data }])) },
      tasks: { tasks: Object.fromEntries(all.map((task) => [task.id, task])), dependencies: {} },
    },
    ['rpm'],
    new Map([['reqset3-wheel-attrs:rpm', 40]]),
  );
  const rows = planned.map(({ id, ms, isRequested }) => [id.replace('reqset3-wheel-', ''), ms, isRequested]);
  expect(rows.filter(([id]) => !String(id).endsWith(':delta'))).toEqual([
    ['reqset3:rpm', 0, false],
    ['six:wheel', 1000, false],
    ['six:rpm', 1000, true],
    ['attrs:wheel', 1000, false],
    ['attrs:rpm', 40, true],
    ['my-demo:wheel', 60_000, false],
    ['my-demo:rpm', 1000, true],
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
