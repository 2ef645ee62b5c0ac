import type { CreateNodesContext } from '@nx/devkit';
import { describe, expect, test } from 'vitest';
import { samplePackage } from '@pinpack/rpm-packaging/testing';
import { writeText, writeWorkspace } from '../workspace/workspace.fixture.js';
import { createNodes } from './create-nodes.js';

const FILES = ['reqsets/demo/pylock.toml', 'reqsets/demo/requirements.txt'];

async function inferredNames(root: string): Promise<(string | undefined)[]> {
  const context = { workspaceRoot: root, nxJsonConfiguration: {} } satisfies CreateNodesContext;
  const results = await createNodes[1](FILES, undefined, context);
  return results.flatMap(([, { projects = {} }]) => Object.values(projects).map(({ name }) => name)).sort();
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
