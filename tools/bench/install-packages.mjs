// Makes the RPMs that the benchmark `install` compares pinpack's with, by rpmbuild (zstd 3, no brp scripts, no generated requires) from the
// same wheels: (a) the original experiment's, (b) wheels as files, (c) the floor, a ready virtualenv in one RPM.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { FOLDER, here } from './files.mjs';
import { freshRoot, installApplications, repositoryOf } from './install-root.mjs';
import { installWithPip, makeReadyEnvironments, zipWheel } from './install-scriptlets.mjs';
import { APPLICATIONS } from './install-workspace.mjs';
import { rpmbuild } from './rpmbuild.mjs';

const OUT = join(FOLDER, 'install/others');
const ORIGINAL = { tree: (name) => `/usr/lib/original/${name}`, wheelhouse: '/var/lib/original' };
const DEFLATED = '/usr/lib/deflated';

/**
 * Made once: they depend on the wheels and these files only, not on pinpack.
 *
 * @returns {Promise<Record<string, string[]>>} paths of RPMs by contestant
 */
export async function makeOtherRpms(wheelFolder) {
  const wheels = readWheels(wheelFolder);
  const folder = join(OUT, digestOfInputs(wheels));
  if (!existsSync(folder)) {
    console.error('bench: making the RPMs of the other contestants');
    rmSync(OUT, { recursive: true, force: true });
    const work = join(OUT, 'work');
    for (const wheel of wheels) await packWheel(work, wheel);
    for (const name of APPLICATIONS) await packApplications(work, name, wheels);
    await packReady(work, wheels);
    renameSync(join(work, 'rpms'), folder);
    rmSync(work, { recursive: true });
  }
  return Object.fromEntries(readdirSync(folder).map((name) => [name, rpmsIn(join(folder, name))]));
}

/** Leaves out the libraries of applications: only pinpack's applications have one. */
function readWheels(folder) {
  const files = readdirSync(folder).filter(
    (file) => !/^(link|pip)_\w+-1\.0-/.test(file) && !file.startsWith('installer-'),
  );
  return files.sort().map((file) => {
    const [name, version] = file.split('-');
    return { name: name.replaceAll('_', '-'), version, file, path: join(folder, file) };
  });
}

function digestOfInputs(wheels) {
  const hash = createHash('sha256').update(wheels.map(({ file }) => file).join('\n'));
  for (const file of ['install-packages.mjs', 'install-scriptlets.mjs', 'rpmbuild.mjs', 'requirements.txt']) {
    hash.update(readFileSync(here(file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function packWheel(work, { name, version, file, path }) {
  const tree = ORIGINAL.tree(name);
  const unzipped = join(work, 'original', name);
  mkdirSync(join(unzipped, tree), { recursive: true });
  await execa('python3', ['-m', 'zipfile', '-e', path, join(unzipped, tree)]);
  const post = zipWheel(tree, `${ORIGINAL.wheelhouse}/${file}`);
  await buildRpm(work, 'original', { name: `original-wheel-${name}`, version, root: unzipped, files: [tree], post });
  const whole = join(work, 'deflated', name);
  mkdirSync(join(whole, DEFLATED), { recursive: true });
  cpSync(path, join(whole, DEFLATED, file));
  const files = [`${DEFLATED}/${file}`];
  await buildRpm(work, 'deflated', { name: `deflated-wheel-${name}`, version, root: whole, files });
}

async function packApplications(work, name, wheels) {
  const optionsOf = (kind, post) => ({
    name: `${kind}-${name}`,
    version: '1.0',
    root: join(work, 'empty'),
    files: [],
    post,
    requires: wheels.filter((wheel) => wheel.name !== 'pip').map((wheel) => `${kind}-wheel-${wheel.name}`),
  });
  mkdirSync(join(work, 'empty'), { recursive: true });
  const original = installWithPip(`/opt/original-${name}/venv`, ORIGINAL.wheelhouse, ORIGINAL.tree);
  await buildRpm(work, 'original', optionsOf('original', original));
  const deflated = installWithPip(`/opt/deflated-${name}/venv`, DEFLATED, wheelPaths(wheels));
  await buildRpm(work, 'deflated', optionsOf('deflated', deflated));
}

/** Makes the environments in a root with the same tools and packs them twice: as pip compiled them, and without bytecode. */
async function packReady(work, wheels) {
  const root = await freshRoot(join(work, 'ready'));
  const repository = await repositoryOf(join(work, 'ready-repository'), rpmsIn(join(work, 'rpms/deflated')));
  await installApplications(root, repository, ['deflated-one']);
  const homes = APPLICATIONS.map((name) => `/opt/ready-${name}/venv`);
  const script = makeReadyEnvironments(homes, DEFLATED, wheelPaths(wheels), '/opt/deflated-one/venv/bin/pip');
  const made = await root.run(['/bin/sh', '-c', script.join('\n')]);
  if (made.failed) throw new Error(`bench: ${made.all}`);
  for (const kind of ['ready-bytecode', 'ready']) {
    for (const name of APPLICATIONS) {
      const from = root.path(`/usr/opt/ready-${name}`);
      const to = join(work, kind, name);
      mkdirSync(join(to, 'opt'), { recursive: true });
      const paths = [`/opt/ready-${name}`];
      await execa('cp', ['-a', from, join(to, 'opt')]);
      if (kind === 'ready') await execa('find', [to, '-name', '__pycache__', '-prune', '-exec', 'rm', '-r', '{}', '+']);
      await buildRpm(work, kind, { name: `ready-${name}`, version: '1.0', root: to, files: paths });
    }
  }
}

function wheelPaths(wheels) {
  return (name) => `${DEFLATED}/${wheels.find((wheel) => wheel.name === name)?.file ?? name}`;
}

/** Each kind has its own folders, since RPMs of two kinds may have the same name. */
function buildRpm(work, kind, options) {
  return rpmbuild(join(work, 'specs', kind), { rpms: join(work, 'rpms', kind), ...options });
}

function rpmsIn(folder) {
  return readdirSync(folder).map((file) => join(folder, file));
}
