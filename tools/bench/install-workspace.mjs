// pinpack's own RPMs for the bench `install`: a copy of the workspace whose reqsets have the benchmark's pins, with bytecode and
// without, in both layouts, and three applications for each way of filling an environment.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { FOLDER, write } from './setup.mjs';
import { copyWorkspace, nxEnvironment } from './workspace-copy.mjs';

export const REQSETS = {
  plain: 'benchset',
  bytecode: 'benchpyc',
  stored: 'benchstored',
  'stored, bytecode': 'benchstoredpyc',
};
const SETTINGS = {
  [REQSETS.bytecode]: { bytecode: true },
  [REQSETS.stored]: { layout: 'stored' },
  [REQSETS['stored, bytecode']]: { layout: 'stored', bytecode: true },
};
export const FILLS = ['link', 'pip'];
export const APPLICATIONS = ['one', 'two', 'three'];
/** Beside the benchmark's own requirements: what environments are made with. */
const TOOLS = ['installer==1.1.0', 'pip==26.3', 'virtualenv==21.15.8'];
const LOCKS = join(FOLDER, 'install/locks');
const WORKSPACE = join(FOLDER, 'install/workspace');

/**
 * @typedef {object} PinpackRpms
 * @property {string} wheels - folder of the wheels that everybody gets
 * @property {(reqset: string) => string[]} rpms - paths of a reqset's RPMs and of pinpack-runtime's
 */

/** @returns {Promise<PinpackRpms>} */
export async function makePinpackRpms() {
  console.error(
    'bench: copying the workspace to tmp/bench/install/workspace and making its RPMs (at first with network)',
  );
  await copyWorkspace(WORKSPACE, /^(apps|reqsets)\//);
  await run('npm', ['run', 'build']);
  for (const reqset of Object.values(REQSETS)) writeReqset(reqset);
  for (const fill of FILLS) for (const name of APPLICATIONS) writeApplication(`${fill}-${name}`, fill);
  await lock();
  await run('node_modules/.bin/nx', ['run-many', '-t', 'rpm']);
  const wheels = join(WORKSPACE, 'dist/wheels', REQSETS.plain);
  checkWheels(wheels);
  return { wheels, rpms };
}

function rpms(reqset) {
  const folders = [join(WORKSPACE, 'dist/rpms'), join(WORKSPACE, 'dist/rpms', reqset)];
  return folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.rpm'))
      .map((file) => join(folder, file)),
  );
}

function writeReqset(reqset) {
  const settings = { python: '3.11.2', platform: 'manylinux_2_28_x86_64', ...SETTINGS[reqset] };
  write(join(WORKSPACE, 'reqsets', reqset, 'reqset.json'), JSON.stringify(settings));
  const pins = [...readRequirements().map(({ pin }) => pin), ...TOOLS];
  write(join(WORKSPACE, 'reqsets', reqset, 'requirements.txt'), `${pins.join('\n')}\n`);
}

function writeApplication(name, fill) {
  const folder = join(WORKSPACE, 'apps', name);
  const library = `bench_${name.replace('-', '_')}`;
  const lines = [
    '[build-system]',
    'requires = ["setuptools>=77"]',
    'build-backend = "setuptools.build_meta"',
    '[project]',
    `name = "${name}"`,
    'version = "1.0"',
    'description = "Nothing but its dependencies"',
    `dependencies = ${JSON.stringify(readRequirements().map(({ pin }) => pin.split('==')[0]))}`,
    '[tool.setuptools]',
    `packages = ["${library}"]`,
    '[tool.pinpack]',
    `reqsets = ${JSON.stringify(Object.values(REQSETS))}`,
    `fill = "${fill}"`,
  ];
  write(join(folder, 'pyproject.toml'), `${lines.join('\n')}\n`);
  write(join(folder, library, '__init__.py'), '');
}

/** Locks of earlier runs are used again where they are of the same inputs: so only the first run asks the index. */
async function lock() {
  const hash = createHash('sha256');
  for (const file of ['install-workspace.mjs', 'requirements.txt']) hash.update(readFileSync(here(file)));
  const kept = join(LOCKS, hash.digest('hex'));
  if (existsSync(kept)) cpSync(kept, join(WORKSPACE, 'reqsets'), { recursive: true });
  for (const reqset of Object.values(REQSETS)) {
    if (!existsSync(kept)) await run('node_modules/.bin/nx', ['run', `${reqset}:lock`]);
  }
  if (existsSync(kept)) return;
  rmSync(LOCKS, { recursive: true, force: true });
  cpSync(join(WORKSPACE, 'reqsets'), kept, { recursive: true });
}

/** @returns {{ pin: string, sha256: string }[]} */
function readRequirements() {
  const text = readFileSync(here('requirements.txt'), 'utf8');
  return [...text.matchAll(/^(\S+==\S+) \\\n +--hash=sha256:(\w+)$/gm)].map(([, pin, sha256]) => ({ pin, sha256 }));
}

/** The lock resolves by itself: what it found must be the wheels of the other benchmarks. */
function checkWheels(folder) {
  const found = new Set(
    readdirSync(folder).map((file) =>
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    ),
  );
  const missing = readRequirements().filter(({ sha256 }) => !found.has(sha256));
  if (missing.length === 0) return;
  throw new Error(
    `bench: ${folder} lacks the wheels that requirements.txt names: ${missing.map(({ pin }) => pin).join(', ')}`,
  );
}

async function run(program, args) {
  await execa(program, args, { cwd: WORKSPACE, env: nxEnvironment(), stdout: 2, stderr: 2 });
}

function here(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}
