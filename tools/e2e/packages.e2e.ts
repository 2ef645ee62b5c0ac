/** The npm packages as they are published, in a workspace of a user, on the supported versions of Nx and Node. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProgram } from '@pinpack/common/program';
import { rpmQuery } from './rpm-query.js';
import { TOOLS } from './layout-workspace.js';
import { promisedFiles, readArchive } from './packed-files.js';
import { makePackedWorkspace, packPublished, readPublished } from './packed-workspace.js';
import { hasBatches, selectVersions } from './supported-versions.js';
import { WORKSPACE, type Workspace } from './workspace.js';

const SET_UP = ['nx.json', 'package.json', '.gitignore'];

let folder: string;
let archives: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-packages-'));
  archives = await packPublished(join(folder, 'archives'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('nx release publishes each package that is not private', async () => {
  const { release } = JSON.parse(await readFile(join(WORKSPACE, 'nx.json'), 'utf8')) as {
    release: { projects: string[] };
  };
  const words = ['nx', 'show', 'projects', '--json', '--projects', ...release.projects];
  const projects = await readProgram('npx', words, { cwd: WORKSPACE, env: { NX_DAEMON: 'false' } });
  expect((JSON.parse(projects) as string[]).sort()).toEqual([...(await readPublished()).values()].sort());
});

it('each archive has the files that it promises, and no tests', async () => {
  const packages = await readPublished();
  for (const [folder, name] of packages) {
    const stem = `${name.replace('@', '').replace('/', '-')}-`;
    const archive = archives.find((path) => new RegExp(`/${stem}\\d`).test(path)) ?? name;
    const files = await readArchive(archive);
    const promised = await promisedFiles(folder);
    expect(promised.filter((path) => !files.includes(path))).toEqual([]);
    const tests = /\.(?:spec|fixture)\.|tsbuildinfo|__pycache__|^src\/.*(?<!schema)\.ts$/;
    expect(files.filter((path) => tests.test(path))).toEqual([]);
  }
  expect(packages.size).toBe(archives.length);
});

describe.each(selectVersions(process.env.PINPACK_E2E_VERSIONS ?? ''))('with Nx $nx on Node $node', (versions) => {
  let workspace: Workspace;
  let store: string;
  let programs: string;

  beforeAll(async () => {
    const own = join(folder, `${versions.nx}-${versions.node}`);
    workspace = await makePackedWorkspace(own, archives, versions);
    store = `${own}.store`;
    programs = `${own}.programs`;
    await writeFile(workspace.path('pins.txt'), `${['six==1.17.0', ...TOOLS].join('\n')}\n`);
    await workspace.nx(`generate pinpack:init --store file://${store}`);
  });

  it('the workspace has one Nx, and runs on that Node', async () => {
    expect(await workspace.run('node --version')).toBe(`v${versions.node}`);
    const found = await workspace.run(
      'find node_modules -path "*/nx/package.json" -o -path "*/@nx/devkit/package.json"',
    );
    expect(found.split('\n').sort()).toEqual(['node_modules/@nx/devkit/package.json', 'node_modules/nx/package.json']);
    // Fails where a peer dependency is missing or out of its range.
    await workspace.run('npm ls');
  });

  it('the folder was set up, and a second time nothing changes', async () => {
    const read = () => Promise.all(SET_UP.map((name) => readFile(workspace.path(name), 'utf8')));
    const before = await read();
    expect(JSON.parse(before[0] ?? '')).toMatchObject({
      analytics: false,
      sync: { globalGenerators: ['pinpack:sync'] },
    });
    expect(JSON.parse(before[1] ?? '')).toMatchObject({
      scripts: { setup: 'pinpack setup', rpm: expect.anything() as string },
    });
    expect(before[2]).toContain('node_modules/\n');
    expect(await workspace.nx(`generate pinpack:init --store file://${store}`)).toMatch(
      /uv \d+\.\d+\.\d+ is installed/,
    );
    expect(await read()).toEqual(before);
  });

  it('a reqset and an application are made, and the RPMs of all, in batches where Nx has them', async () => {
    await workspace.nx('generate pinpack:reqset small --from pins.txt');
    await workspace.nx('generate pinpack:app hello --reqset small');
    await workspace.nx('run small:lock');
    expect((await workspace.nx('show projects')).split('\n')).toEqual(
      expect.arrayContaining(['hello', 'pinpack-runtime', 'small', 'small-hello', 'small-wheel-six']),
    );
    await workspace.run(`${await recordPrograms()} npx nx run-many -t rpm`);
    expect(/\/tasks-runner\/batch\/run-batch\.js$/m.test(await readFile(programs, 'utf8'))).toBe(hasBatches(versions));

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

  it('the second run takes every task from the cache', async () => {
    expect(await workspace.nx('run-many -t rpm')).toMatch(/for (\d+) out of \1 tasks/);
  });

  it('a run without local caches takes every task from the store', async () => {
    for (const gone of [workspace.path('dist'), `${workspace.folder}.nx-cache`, `${workspace.folder}.nx-data`]) {
      await rm(gone, { recursive: true });
    }
    const output = await workspace.nx('run-many -t rpm');
    expect(output).toMatch(/for (\d+) out of \1 tasks/);
    expect(output).toMatch(/^pinpack store: (\d+) of \1 from /m);
  });

  it('under the daemon, one RPM is made without a batch, and the summary is printed', async () => {
    await rm(workspace.path('dist'), { recursive: true });
    // A pipe: the daemon cannot write to the sockets that Node gives to its children.
    const output = await workspace.run(
      'NX_DAEMON=true npx nx run small-wheel-six:rpm --skip-nx-cache --no-batch | cat; NX_DAEMON=true npx nx daemon --stop',
    );
    // A wheel that an index has is no task before its RPM.
    expect(output).toMatch(/^pinpack store: 1 of 1 from /m);
    expect(await readdir(workspace.path('dist/rpms/small'))).toEqual(['small-wheel-six-1.17.0-1.noarch.rpm']);
  });

  it('the server of the store takes a configuration', async () => {
    const settings = { store: `file://${store}`, tokens: [{ name: 'ci', sha256: '5e'.repeat(32), scope: 'write' }] };
    await writeFile(workspace.path('pinpack-store.json'), JSON.stringify(settings));
    expect(await workspace.run('npx pinpack-store serve --check --config pinpack-store.json')).toContain(
      'pinpack-store.json',
    );
  });

  /** Makes Node write the name of each script that it starts to `programs`. @returns an assignment for the shell */
  async function recordPrograms(): Promise<string> {
    const script = `${programs}.cjs`;
    await writeFile(script, `require('fs').appendFileSync(${JSON.stringify(programs)}, process.argv[1] + '\\n');\n`);
    return `NODE_OPTIONS=--require=${script}`;
  }
});
