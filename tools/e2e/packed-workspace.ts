/** Workspaces in which pinpack is installed from its npm archives, as from a registry: nothing of this repository is beside them. */
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProgram } from 'pinpack/install-root';
import type { Versions } from './supported-versions.js';
import { ignoreMissing, Workspace, WORKSPACE } from './workspace.js';

/** The npm packages that are not private, by their folder. */
export async function readPublished(): Promise<Map<string, string>> {
  const folders = (await readdir(join(WORKSPACE, 'libs'))).map((name) => `libs/${name}`);
  const manifests = folders.map(async (folder) => {
    const text = await readFile(join(WORKSPACE, folder, 'package.json'), 'utf8').catch(ignoreMissing);
    const { name, private: isPrivate = false } = JSON.parse(text ?? '{}') as { name?: string; private?: boolean };
    return name === undefined || isPrivate ? [] : ([[folder, name]] as const);
  });
  return new Map((await Promise.all(manifests)).flat());
}

/** Packs every package that is published. @returns the archives */
export async function packPublished(folder: string): Promise<string[]> {
  await mkdir(folder);
  const workspaces = [...(await readPublished()).keys()].flatMap((path) => ['--workspace', path]);
  await readProgram('npm', ['pack', '--ignore-scripts', '--pack-destination', folder, ...workspaces], {
    cwd: WORKSPACE,
  });
  return (await readdir(folder)).map((file) => join(folder, file));
}

/** A folder with these versions installed, and the tools that `npm run setup` installs. It has no nx.json: `pinpack:init` writes it. */
export async function makePackedWorkspace(
  folder: string,
  archives: readonly string[],
  { nx, node }: Versions,
): Promise<Workspace> {
  const workspace = new Workspace(folder, { programs: await installNode(`${folder}.node`, node) });
  await mkdir(workspace.folder);
  await writeFile(workspace.path('package.json'), JSON.stringify({ name: 'own', private: true }));
  await symlink(join(WORKSPACE, '.venv'), workspace.path('.venv'));
  const packages = [`nx@${nx}`, `@nx/devkit@${nx}`, ...archives];
  await workspace.run(`npm install --no-audit --no-fund --engine-strict ${packages.join(' ')}`);
  await workspace.run('git init --quiet .');
  return workspace;
}

/** The package that npm's `node` would fetch by an install script. @returns the folder of the program */
async function installNode(folder: string, version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  await mkdir(folder);
  await readProgram(
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-save', '--ignore-scripts', `${name}@${version}`],
    {
      cwd: folder,
    },
  );
  return join(folder, 'node_modules', name, 'bin');
}
