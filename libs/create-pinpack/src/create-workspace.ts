// Makes a folder a workspace: package.json, a git repository, the packages, then the generator `pinpack:init`. Each step is skipped if it is done.
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { execa } from 'execa';
import { CreateError } from './create-error.js';
import type { CreateCommand } from './parse-command.js';

/** Nx is a peer dependency of the plugin, and so is its devkit. */
const NX = '>=22 <25';

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** @throws CreateError */
export async function createWorkspace(current: string, { folder, init }: CreateCommand): Promise<void> {
  const root = resolve(current, folder);
  await refuseInsideWorkspace(root);
  await mkdir(root, { recursive: true });
  const manifest = await readManifest(root);
  await makeRepository(root);
  const packages = missingPackages(manifest);
  const what = packages.length === 0 ? [] : ['--save-dev', ...packages];
  await run(root, 'npm', ['install', '--no-audit', '--no-fund', ...what]);
  await run(root, 'npx', ['--no-install', 'nx', 'generate', 'pinpack:init', ...init]);
  if (root !== current) console.log(`The workspace is in ${folder}: cd ${folder}`);
}

/** Nx takes the nearest folder with an nx.json as the workspace, and the generator would change that one. */
async function refuseInsideWorkspace(root: string): Promise<void> {
  for (let above = dirname(root); above !== dirname(above); above = dirname(above)) {
    if ((await readOptional(join(above, 'nx.json'))) === undefined) continue;
    throw new CreateError('CREATE_INSIDE_WORKSPACE', root, [
      `is inside the Nx workspace ${above}`,
      `Set up that workspace: cd ${above} && npm install --save-dev pinpack && npx nx g pinpack:init`,
      'Or choose a folder outside of it.',
    ]);
  }
}

/** Creates package.json if there is none. */
async function readManifest(root: string): Promise<Manifest> {
  const file = join(root, 'package.json');
  const text = await readOptional(file);
  if (text === undefined) {
    // npm refuses names that URLs cannot contain.
    const name =
      basename(root)
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]+/g, '-')
        .replaceAll(/^-+|-+$/g, '') || 'workspace';
    await writeFile(file, `${JSON.stringify({ name, version: '0.0.0', private: true }, null, 2)}\n`);
    return {};
  }
  try {
    return JSON.parse(text) as Manifest;
  } catch (cause) {
    throw new CreateError(
      'CREATE_MANIFEST_INVALID',
      file,
      ['is not JSON', String(cause), 'Correct it, or remove it: it is created again.'],
      { cause },
    );
  }
}

function missingPackages({ dependencies, devDependencies }: Manifest): string[] {
  const present = { ...dependencies, ...devDependencies };
  const wanted = { nx: NX, '@nx/devkit': NX, pinpack: ownVersion() };
  return Object.entries(wanted)
    .filter(([name]) => !(name in present))
    .map(([name, range]) => `${name}@${range}`);
}

function ownVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** `nx affected` compares commits. A machine without git does without. */
async function makeRepository(root: string): Promise<void> {
  const { failed } = await execa('git', ['rev-parse', '--is-inside-work-tree'], { cwd: root, reject: false });
  if (failed) await execa('git', ['init', '--quiet'], { cwd: root, reject: false });
}

async function run(root: string, program: string, words: readonly string[]): Promise<void> {
  console.log(`> ${[program, ...words].join(' ')}`);
  const { failed, exitCode, shortMessage } = await execa(program, words, {
    cwd: root,
    stdio: 'inherit',
    reject: false,
  });
  if (!failed) return;
  throw new CreateError('CREATE_STEP_FAILED', [program, ...words].join(' '), [
    exitCode === undefined ? (shortMessage ?? 'could not be started') : `exit code ${exitCode}`,
    'The reason is in the lines above. After correcting it, run create-pinpack again: it continues.',
  ]);
}

function readOptional(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(undefinedIfAbsent);
}
