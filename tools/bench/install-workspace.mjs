// Makes pinpack's RPMs for the benchmark `install`: in a copy of the workspace whose reqsets have the benchmark's pins, with bytecode and
// without, in both layouts, and three applications for each way of filling an environment.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { requireColdRun } from './cache-guard.mjs';
import { emptyCaches } from './caches.mjs';
import { FOLDER, here, write } from './files.mjs';
import { runNx } from './nx.mjs';
import { copyWorkspace, writeApplication } from './workspace-copy.mjs';

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
/** Added to the benchmark's requirements: environments are made with these. */
const TOOLS = ['installer==1.1.0', 'pip==26.3', 'virtualenv==21.15.8'];
const LOCKS = join(FOLDER, 'install/locks');
const WORKSPACE = join(FOLDER, 'install/workspace');
const CACHES = join(FOLDER, 'install/caches');

/**
 * @typedef {object} PinpackRpms
 * @property {string} wheels - folder of the wheels that all contestants install
 * @property {(reqset: string) => string[]} rpms - paths of a reqset's RPMs and of pinpack-runtime's
 */

/** @returns {Promise<PinpackRpms>} */
export async function makePinpackRpms() {
  console.error('bench: copying the workspace to tmp/bench/install/workspace and making its RPMs (needs the network)');
  await copyWorkspace(WORKSPACE, /^(apps|reqsets)\//);
  await execa('npm', ['run', 'build'], { cwd: WORKSPACE, stdout: 2, stderr: 2 });
  for (const reqset of Object.values(REQSETS)) writeReqset(reqset);
  for (const fill of FILLS) for (const name of APPLICATIONS) writeBenchApplication(`${fill}-${name}`, fill);
  await lock();
  // Only RPMs of this code are measured, and not those that an earlier version left in a cache.
  const caches = emptyCaches(CACHES);
  const made = await runNx(WORKSPACE, ['run-many', '-t', 'rpm'], caches);
  requireColdRun("install, pinpack's RPMs", made, { usesStore: true });
  await runNx(WORKSPACE, ['run-many', '-t', 'wheel'], caches);
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

function writeBenchApplication(name, fill) {
  writeApplication(WORKSPACE, {
    name,
    library: `bench_${name.replace('-', '_')}`,
    dependencies: readRequirements().map(({ pin }) => pin.split('==')[0]),
    reqsets: Object.values(REQSETS),
    fill,
  });
}

/** Reuses the locks of earlier runs while the inputs are the same: pins are no result of this benchmark. */
async function lock() {
  const hash = createHash('sha256');
  for (const file of ['install-workspace.mjs', 'requirements.txt']) hash.update(readFileSync(here(file)));
  const kept = join(LOCKS, hash.digest('hex'));
  if (existsSync(kept)) cpSync(kept, join(WORKSPACE, 'reqsets'), { recursive: true });
  for (const reqset of Object.values(REQSETS)) {
    if (!existsSync(kept)) await runNx(WORKSPACE, ['run', `${reqset}:lock`], emptyCaches(CACHES));
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

/** `lock` resolves by itself; it must have chosen the wheels of the other benchmarks. */
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
