/** The npm packages as they are published, in a workspace of somebody's own: nothing of this repository is beside them. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProgram } from '@pinpack/common/program';
import { rpmQuery } from './rpm-query.js';
import { TOOLS } from './layout-workspace.js';
import { Workspace, WORKSPACE } from './workspace.js';

let folder: string;
let workspace: Workspace;

describe('the packages, installed from their archives,', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-packages-'));
    workspace = new Workspace(join(folder, 'workspace'));
    await mkdir(workspace.folder);
    await writeFile(workspace.path('package.json'), JSON.stringify({ name: 'own', private: true }));
    await writeFile(workspace.path('nx.json'), JSON.stringify({ analytics: false, neverConnectToCloud: true }));
    await writeFile(workspace.path('pins.txt'), `${['six==1.17.0', ...TOOLS].join('\n')}\n`);
    // The tools that `npm run setup` installs.
    await symlink(join(WORKSPACE, '.venv'), workspace.path('.venv'));
    const archives = join(folder, 'archives');
    await mkdir(archives);
    await readProgram('npm', ['pack', '--workspaces', '--ignore-scripts', '--pack-destination', archives], {
      cwd: WORKSPACE,
    });
    const files = (await readdir(archives)).map((file) => join(archives, file));
    const { devDependencies: versions } = JSON.parse(await readFile(join(WORKSPACE, 'package.json'), 'utf8')) as {
      devDependencies: Record<string, string>;
    };
    const nx = ['nx', '@nx/devkit'].map((name) => `${name}@${versions[name]}`);
    await workspace.run(`npm install --no-audit --no-fund ${[...nx, ...files].join(' ')}`);
    await workspace.run('git init --quiet .');
    await workspace.nx('generate pinpack:init');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('make a reqset and an application, and the RPMs of all', async () => {
    await workspace.nx('generate pinpack:reqset small --from pins.txt');
    await workspace.nx('generate pinpack:app hello --reqset small');
    await workspace.nx('run small:lock');
    await workspace.nx('run-many -t rpm');
    const files = await readdir(workspace.path('dist/rpms'), { recursive: true });
    const rpms = files.filter((file) => file.endsWith('.rpm')).sort();
    const names = await Promise.all(
      rpms.map((file) => rpmQuery(workspace.path('dist/rpms', file), ['--queryformat', '%{NAME}'])),
    );
    expect(names).toEqual(
      expect.arrayContaining(['pinpack-runtime', 'pinpack-wheelhouse', 'small-hello', 'small-wheel-six']),
    );
    await readProgram('rpm', ['-K', '--nosignature', ...rpms.map((file) => workspace.path('dist/rpms', file))]);
  });

  it('have the server of the store, which takes a configuration', async () => {
    const settings = {
      store: `file://${folder}/store`,
      tokens: [{ name: 'ci', sha256: '5e'.repeat(32), scope: 'write' }],
    };
    await writeFile(workspace.path('pinpack-store.json'), JSON.stringify(settings));
    expect(await workspace.run('npx pinpack-store serve --check --config pinpack-store.json')).toContain(
      'pinpack-store.json',
    );
  });
});
