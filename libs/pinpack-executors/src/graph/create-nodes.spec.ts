import type { CreateNodesContext, ProjectConfiguration } from '@nx/devkit';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sampleLock, samplePackage } from '@pinpack/rpm-packaging/testing';
import { writeText, writeWorkspace } from '../workspace/workspace.fixture.js';
import { writeLock } from '../workspace/write-lock.js';
import { createNodes } from './create-nodes.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

const FILES = ['reqsets/demo/pylock.toml', 'reqsets/demo/requirements.txt'];

async function inferredProjects(root: string): Promise<ProjectConfiguration[]> {
  const context = { workspaceRoot: root, nxJsonConfiguration: {} } satisfies CreateNodesContext;
  const results = await createNodes[1](FILES, undefined, context);
  return results.flatMap(([, { projects = {} }]) => Object.values(projects) as ProjectConfiguration[]);
}

async function inferredNames(root: string): Promise<(string | undefined)[]> {
  return (await inferredProjects(root)).map(({ name }) => name).sort();
}

describe('the projects of a workspace', () => {
  test("are its sets, their pins, and pinpack's own RPMs", async () => {
    const root = await writeWorkspace('demo', [samplePackage()]);
    expect(await inferredNames(root)).toEqual(['demo', 'demo-wheel-numpy', 'pinpack-runtime']);
  });

  test("leave pinpack's own RPMs to the project of their sources, where that is there", async () => {
    const root = await writeWorkspace('demo', [samplePackage()]);
    writeText(root, 'libs/pinpack-runtime/project.json', '{ "name": "pinpack-runtime" }');
    expect(await inferredNames(root)).toEqual(['demo', 'demo-wheel-numpy']);
  });
});

describe('the projects of pins', () => {
  const optionsOf = async (root: string): Promise<unknown> => {
    const pin = (await inferredProjects(root)).find(({ name }) => name === 'demo-wheel-numpy');
    return pin?.targets?.delta?.options;
  };

  test.each([true, false])('are those of the current lock: isolated %s', async (isIsolated) => {
    if (isIsolated) vi.stubGlobal('NX_PLUGIN_WORKER', true);
    const root = await writeWorkspace('demo', [samplePackage({ release: 1 })]);
    const first = await optionsOf(root);
    const again = await optionsOf(root);
    expect(again).toEqual(first);
    expect(again === first).toBe(isIsolated);
    await writeLock(root, 'demo', sampleLock([samplePackage({ release: 2 })]));
    expect(await optionsOf(root)).toEqual({ ...(first as object), version: '2.4.6-2' });
  });
});

describe('a stale lock', () => {
  type Targets = Record<string, { executor?: string; options?: unknown; dependsOn?: unknown }>;

  /** The targets by project. */
  async function inferred(root: string): Promise<Map<string | undefined, Targets>> {
    const context = { workspaceRoot: root, nxJsonConfiguration: {} } satisfies CreateNodesContext;
    const results = await createNodes[1](FILES, undefined, context);
    const projects = results.flatMap(([, { projects: own = {} }]) => Object.values(own));
    return new Map(projects.map(({ name, targets = {} }) => [name, targets as Targets]));
  }

  test('stops its wheels, and with them all that is made from wheels', async () => {
    const root = await writeWorkspace('demo', [samplePackage()]);
    const before = await inferred(root);
    expect(before.get('demo')).not.toHaveProperty('check-lock');
    expect(before.get('demo-wheel-numpy')?.wheel).not.toHaveProperty('dependsOn');
    writeText(root, 'reqsets/demo/requirements.txt', 'numpy==2.4.6\nsix==1.17.0\n');
    const after = await inferred(root);
    for (const target of ['wheel', 'rpm'])
      expect(after.get('demo-wheel-numpy')?.[target]?.dependsOn).toEqual([
        { projects: ['demo'], target: 'check-lock' },
      ]);
    const { executor, options } = after.get('demo')?.['check-lock'] ?? {};
    expect({ executor, options }).toEqual({
      executor: 'pinpack:check-lock',
      options: {
        problem: [
          'reqsets/demo/pylock.toml: is older than its inputs [PINPACK_LOCK_OUTDATED]',
          '  reqsets/demo/requirements.txt:2: added six==1.17.0',
          '  Lock again: nx run demo:lock. To build what is locked all the same: PINPACK_STALE_LOCK=allow',
        ].join('\n'),
      },
    });
  });

  test.each([
    ['TOML with a syntax error', 'x = [\n', /^apps\/app\/pyproject\.toml:\d+:\d+: .*\[DIST_SOURCE_INVALID\]/],
    ['UTF-16', '\uFFFD\uFFFD[\0p\0', /^apps\/app\/pyproject\.toml: is not UTF-8/],
  ])('an application with %s keeps its project, which reports the problem', async (_, content, problem) => {
    const root = await writeWorkspace('demo', [samplePackage()]);
    writeText(root, 'reqsets/demo/apps/app/application.json', '{}');
    writeText(root, 'apps/app/pyproject.toml', content);
    const context = { workspaceRoot: root, nxJsonConfiguration: {} } satisfies CreateNodesContext;
    const results = await createNodes[1]([...FILES, 'apps/app/pyproject.toml'], undefined, context);
    const projects = results.flatMap(([, { projects: own = {} }]) => Object.values(own));
    expect(projects.find(({ name }) => name === 'demo-app')?.targets?.rpm).toMatchObject({
      executor: 'pinpack:unlocked',
      options: { problem: expect.stringMatching(problem) as string },
    });
  });

  test('is reported for inputs that cannot be read, but not for those of one application', async () => {
    const root = await writeWorkspace('demo', [samplePackage()]);
    writeText(root, 'apps/broken/pyproject.toml', '[tool.pinpack]\nreqsets = "demo"\n');
    expect((await inferred(root)).get('demo')).not.toHaveProperty('check-lock');
    writeText(root, 'reqsets/demo/requirements.txt', 'numpy=2\n');
    const { options } = (await inferred(root)).get('demo')?.['check-lock'] ?? {};
    expect(options).toMatchObject({ problem: expect.stringContaining('reqsets/demo/requirements.txt:1') as string });
  });
});
