// The RPMs of the others in the bench `install`, by rpmbuild (zstd 3, no brp scripts, no generated requires) from the wheels that
// pinpack's RPMs are made of: (a) the original experiment's, (b) wheels as files, (c) the floor, a ready virtualenv in one RPM.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { freshRoot, installApplications, repositoryOf } from './install-root.mjs';
import { installWithPip, makeReadyEnvironments, zipWheel } from './install-scriptlets.mjs';
import { APPLICATIONS } from './install-workspace.mjs';
import { rpmbuild } from './rpmbuild.mjs';
import { FOLDER } from './setup.mjs';

const OUT = join(FOLDER, 'install/others');
const ORIGINAL = { tree: (name) => `/usr/lib/original/${name}`, wheelhouse: '/var/lib/original' };
const DEFLATED = '/usr/lib/deflated';

/** Gives the folders of RPMs by contestant. Made once: they are of the wheels, and of nothing of pinpack's. */
export async function makeOtherRpms(wheelFolder) {
  const wheels = readWheels(wheelFolder);
  const folder = join(OUT, digestOfInputs(wheels));
  if (!existsSync(folder)) {
    console.error('bench: making the RPMs of the others');
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

/** Wheels of applications' own libraries are left out: only pinpack's have one. */
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
    hash.update(readFileSync(fileURLToPath(new URL(file, import.meta.url))));
  }
  return hash.digest('hex').slice(0, 16);
}

async function packWheel(work, { name, version, file, path }) {
  const tree = ORIGINAL.tree(name);
  const unzipped = join(work, 'original', name);
  mkdirSync(join(unzipped, tree), { recursive: true });
  await execa('python3', ['-m', 'zipfile', '-e', path, join(unzipped, tree)]);
  const post = zipWheel(tree, `${ORIGINAL.wheelhouse}/${file}`);
  await rpmbuild(foldersOf(work, 'original'), {
    name: `original-wheel-${name}`,
    version,
    root: unzipped,
    files: [tree],
    post,
  });
  const whole = join(work, 'deflated', name);
  mkdirSync(join(whole, DEFLATED), { recursive: true });
  cpSync(path, join(whole, DEFLATED, file));
  await rpmbuild(foldersOf(work, 'deflated'), {
    name: `deflated-wheel-${name}`,
    version,
    root: whole,
    files: [`${DEFLATED}/${file}`],
  });
}

async function packApplications(work, name, wheels) {
  const order = (kind, post) => ({
    name: `${kind}-${name}`,
    version: '1.0',
    root: join(work, 'empty'),
    files: [],
    post,
    requires: wheels.filter((wheel) => wheel.name !== 'pip').map((wheel) => `${kind}-wheel-${wheel.name}`),
  });
  mkdirSync(join(work, 'empty'), { recursive: true });
  const original = installWithPip(`/opt/original-${name}/venv`, ORIGINAL.wheelhouse, ORIGINAL.tree);
  await rpmbuild(foldersOf(work, 'original'), order('original', original));
  const wheelOf = wheelPaths(wheels);
  await rpmbuild(
    foldersOf(work, 'deflated'),
    order('deflated', installWithPip(`/opt/deflated-${name}/venv`, DEFLATED, wheelOf)),
  );
}

/** The environments are made in a root by the same tools, then packed: once as pip compiled them, once without bytecode. */
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
      await rpmbuild(foldersOf(work, kind), { name: `ready-${name}`, version: '1.0', root: to, files: paths });
    }
  }
}

function wheelPaths(wheels) {
  return (name) => `${DEFLATED}/${wheels.find((wheel) => wheel.name === name)?.file ?? name}`;
}

/** Each kind in a folder of its own: the specs of two kinds may have one name. */
function foldersOf(work, kind) {
  return { specs: join(work, 'specs', kind), rpms: join(work, 'rpms', kind) };
}

function rpmsIn(folder) {
  return readdirSync(folder).map((file) => join(folder, file));
}
