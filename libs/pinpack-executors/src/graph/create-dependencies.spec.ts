import type { CreateDependenciesContext } from '@nx/devkit';
import { expect, it } from 'vitest';
import { samplePackage } from '@pinpack/rpm-packaging/testing';
import { writeWorkspace } from '../workspace/workspace.fixture.js';
import { createDependencies } from './create-dependencies.js';

/** The dependencies of a project. @param names - of the projects, by their folders */
async function dependenciesOf(project: string, root: string, names: Record<string, string>): Promise<string[]> {
  const projects = Object.fromEntries(Object.entries(names).map(([folder, name]) => [name, { name, root: folder }]));
  const context = { projects, workspaceRoot: root } as unknown as CreateDependenciesContext;
  const edges = await createDependencies(undefined, context);
  return edges.flatMap(({ source, target }) => (source === project ? [target] : [])).sort();
}

// The targets of a reqset run those of its dependencies.
it('of a reqset are its pins and pinpack-runtime', async () => {
  const root = await writeWorkspace('demo', [samplePackage(), samplePackage({ name: 'scipy' })]);
  const names = {
    'reqsets/demo': 'demo',
    'reqsets/demo/pins/numpy': 'demo-wheel-numpy',
    'reqsets/demo/pins/scipy': 'demo-wheel-scipy',
    'libs/pinpack-runtime': 'pinpack-runtime',
  };
  expect(await dependenciesOf('demo', root, names)).toEqual([
    'demo-wheel-numpy',
    'demo-wheel-scipy',
    'pinpack-runtime',
  ]);
});

it('of a reqset with variants are its variants', async () => {
  const root = await writeWorkspace('multi', [samplePackage()], { a: {}, b: {} });
  const variant = (label: string) => ({
    [`reqsets/multi/variants/${label}`]: `multi-${label}`,
    [`reqsets/multi/variants/${label}/pins/numpy`]: `multi-${label}-wheel-numpy`,
  });
  const names = { 'reqsets/multi': 'multi', ...variant('a'), ...variant('b'), 'libs/runtime': 'pinpack-runtime' };
  expect(await dependenciesOf('multi', root, names)).toEqual(['multi-a', 'multi-b']);
  expect(await dependenciesOf('multi-a', root, names)).toEqual(['multi-a-wheel-numpy', 'pinpack-runtime']);
});
