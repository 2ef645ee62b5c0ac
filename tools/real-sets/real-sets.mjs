// Locks, compares, packs and installs real requirement sets: `node tools/real-sets/real-sets.mjs [--folder <path>] [--no-pack] [<name> …]`. Needs the network,
// and several gigabytes in the folder. Each set starts with empty caches. docs/real-sets.md records the results.
//
// Sets in sets.json are pinned by their projects: they have a Python of their own (found on PATH or below ~/.pyenv), settings, and modules to import, and
// are compared with uv. The others are unpinned, and compared with pip.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parsePylock } from '@pinpack/python-dist';
import { execa } from 'execa';
import { requireColdRun } from '../bench/cache-guard.mjs';
import { cachesIn, emptyCaches } from '../bench/caches.mjs';
import { ROOT } from '../bench/files.mjs';
import { runNx } from '../bench/nx.mjs';
import { makeScratchWorkspace } from '../bench/workspace-copy.mjs';
import { comparePip } from './compare-pip.mjs';
import { compareUv } from './compare-uv.mjs';
import { installAndImport, probeOf, writeProbe } from './install.mjs';
import SETS from './sets.json' with { type: 'json' };

const REQUIREMENTS = fileURLToPath(new URL('requirements', import.meta.url));
// pip evaluates markers for the Python that it runs with, so the lock is for the same one.
const { stdout: version } = await execa('python3.11', ['-c', 'import platform; print(platform.python_version())']);
const TARGET = { python: version, platform: 'manylinux_2_28_x86_64' };
/** The system's Python, for which sets are installed as RPMs. */
const SYSTEM_PYTHON = '3.11';
const LAST_LINES = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { folder: { type: 'string' }, 'no-pack': { type: 'boolean' } },
});

const all = (await readdir(REQUIREMENTS)).map((file) => basename(file, '.txt')).sort();
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) throw new Error(`no such set: ${unknown.join(', ')}; there are ${all.join(', ')}`);
const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'pinpack-real-sets-')));
const caches = join(folder, 'caches');
makeScratchWorkspace(folder, 'real-sets');
await mkdir(join(folder, 'results'), { recursive: true });
const rows = [];
for (const name of positionals.length > 0 ? positionals : all) {
  const row = await (SETS[name] === undefined ? measure(name) : measurePinned(name, SETS[name]));
  rows.push(row);
  await writeFile(join(folder, 'results', `${name}.json`), `${JSON.stringify(row, null, 2)}\n`);
  console.log(formatTable([row]).split('\n').at(-1));
}
console.log(formatTable(rows));

async function measure(name) {
  const reqset = join(folder, 'reqsets', name);
  await mkdir(reqset, { recursive: true });
  const requirements = join(reqset, 'requirements.txt');
  await cp(join(REQUIREMENTS, `${name}.txt`), requirements);
  await writeFile(join(reqset, 'reqset.json'), JSON.stringify(TARGET));
  emptyCaches(caches);
  const firstLockSeconds = nxSeconds(await runTarget(name, 'lock'));
  const lockFile = join(reqset, 'pylock.toml');
  const text = await readFile(lockFile, 'utf8');
  // The most frequent case: nothing changed, and the caches are warm.
  const lockSeconds = nxSeconds(await runTarget(name, 'lock'));
  const isUnchanged = (await readFile(lockFile, 'utf8')) === text;
  const lock = parsePylock(text, lockFile, `reqsets/${name}`);
  const edges = lock.packages.flatMap((pin) => pin.dependencies.map((to) => `${pin.name} -> ${to}`));
  return {
    name,
    pins: lock.packages.length,
    edges: edges.length,
    isUnchanged,
    uvSeconds: await timeOfUv(requirements),
    firstLockSeconds,
    lockSeconds,
    ...(await comparePip({ lock, edges, requirements, folder, name })),
    ...(values['no-pack'] === true ? {} : await pack(name)),
  };
}

/** Locks, packs, installs and imports a set of sets.json. If it can't be locked or packed, the row has the message. */
async function measurePinned(name, { python: minor, build, imports = [], lockOnly }) {
  const reqset = join(folder, 'reqsets', name);
  await mkdir(reqset, { recursive: true });
  const requirements = join(reqset, 'requirements.txt');
  await cp(join(REQUIREMENTS, `${name}.txt`), requirements);
  const python = await findPython(minor);
  await writeFile(join(reqset, 'reqset.json'), JSON.stringify({ ...TARGET, python: python.version, build }));
  const hasProbe = minor === SYSTEM_PYTHON && lockOnly === undefined;
  if (hasProbe) writeProbe({ folder, name, requirements: await readFile(requirements, 'utf8'), imports });
  emptyCaches(caches);
  const path = `${python.bin}:${process.env.PATH}`;
  const run = (target) => tryTarget(target, path);
  const locked = await run(`${name}:lock`);
  if (locked.failed) return { name, python: python.version, message: locked.message };
  const lockFile = join(reqset, 'pylock.toml');
  const text = await readFile(lockFile, 'utf8');
  const warm = await run(`${name}:lock`);
  const lock = parsePylock(text, lockFile, `reqsets/${name}`);
  const row = {
    name,
    python: python.version,
    pins: lock.packages.length,
    built: lock.packages.filter(({ source }) => source.kind !== 'wheel').length,
    isUnchanged: (await readFile(lockFile, 'utf8')) === text,
    firstLockSeconds: locked.seconds,
    lockSeconds: warm.seconds,
    ...(await compareUv({ lock, requirements, path, own: hasProbe ? [probeOf(name).replace('_', '-')] : [] })),
  };
  if (lockOnly !== undefined || values['no-pack'] === true) return row;
  const packed = await run(`${name}:rpm`);
  if (packed.failed) return { ...row, message: packed.message };
  const smoke = hasProbe ? await run(`${name}-${probeOf(name)}:smoke`) : undefined;
  return {
    ...row,
    packSeconds: packed.seconds,
    failedImports: await installAndImport({ folder, name, python: join(python.bin, 'python3'), imports }),
    ...(smoke !== undefined && { smoke: smoke.failed ? smoke.message : 'installed by dnf, imported, removed' }),
  };
}

/** The folder and the full version of a Python. */
async function findPython(minor) {
  for (const bin of ['/usr/bin', ...(await pyenvFolders(minor))]) {
    const found = await execa(
      join(bin, `python${minor}`),
      ['-c', 'import platform; print(platform.python_version())'],
      {
        reject: false,
      },
    );
    if (!found.failed) return { bin, version: found.stdout };
  }
  throw new Error(`python${minor} is neither in /usr/bin nor below ~/.pyenv/versions`);
}

async function pyenvFolders(minor) {
  const versions = join(homedir(), '.pyenv/versions');
  const names = await readdir(versions).catch(() => []);
  return names.filter((name) => name.startsWith(`${minor}.`)).map((name) => join(versions, name, 'bin'));
}

/** Runs a target that may fail. @returns its message without Nx's own lines */
async function tryTarget(task, path) {
  const started = performance.now();
  const environment = Object.fromEntries(
    Object.entries(cachesIn(caches)).map(([key, value]) => [key, value ?? undefined]),
  );
  const { all, failed } = await execa(join(folder, 'node_modules/.bin/nx'), ['run', task, '--skip-nx-cache'], {
    cwd: folder,
    reject: false,
    all: true,
    env: { ...environment, NX_DAEMON: 'false', NX_TUI: 'false', PATH: `${join(ROOT, '.venv/bin')}:${path}` },
  });
  const lines = all.split('\n').filter((line) => line.trim() !== '');
  const end = lines.findIndex((line) => /^ NX .* failed$|^Failed tasks:/.test(line));
  const message = lines
    .slice(0, end < 0 ? undefined : end)
    .filter((line) => !/^(?: NX |> nx run|[✔✖])/.test(line.trim()))
    .slice(-LAST_LINES)
    .join('\n');
  return { failed, message, seconds: (performance.now() - started) / 1000 };
}

function runTarget(name, target) {
  return runNx(folder, ['run', `${name}:${target}`, '--skip-nx-cache'], cachesIn(caches));
}

/** The seconds that Nx reports for a run, which exclude Nx's own start. */
function nxSeconds({ output }) {
  const [, minutes = '0', seconds = '0'] = /Run duration: +(?:(\d+)m )?([\d.]+)s/.exec(output) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}

async function timeOfUv(requirements) {
  const words = [
    'pip',
    'compile',
    requirements,
    '--python-version',
    TARGET.python,
    '--python-platform',
    'x86_64-manylinux_2_28',
  ];
  const always = ['--format', 'pylock.toml', '--no-build', '--no-config', '--quiet', '--no-header'];
  const { durationMs } = await execa(join(ROOT, '.venv/bin/uv'), [...words, ...always]);
  return durationMs / 1000;
}

async function pack(name) {
  await rm(join(folder, 'dist'), { recursive: true, force: true });
  emptyCaches(caches);
  const packing = await runTarget(name, 'rpm');
  requireColdRun(`real-sets, ${name}:rpm`, packing, { usesStore: true });
  const rpms = join(folder, 'dist/rpms', name);
  const files = (await readdir(rpms)).filter((file) => file.endsWith('.rpm')).map((file) => join(rpms, file));
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const checked = await execa('rpm', ['-K', ...files], { reject: false });
  const linted = await execa('rpmlint', ['-c', join(ROOT, 'tools/rpmlint.toml'), ...files], { reject: false });
  return {
    packSeconds: nxSeconds(packing),
    rpms: files.length,
    rpmBytes: sizes.reduce((sum, size) => sum + size, 0),
    damaged: checked.stdout.split('\n').filter((line) => !line.endsWith(': digests OK')),
    lint: linted.stdout.split('\n').filter((line) => / [EW]: /.test(line)),
  };
}

function formatTable(measured) {
  const head = [
    'set',
    'pins',
    'edges',
    'versions as pip',
    'edges as pip',
    'versions as uv',
    'uv',
    'lock',
    'rpm',
    'RPMs',
    'rpm -K',
    'rpmlint',
    'imports',
    'smoke',
    'message',
  ];
  const lines = measured.map((row) => [
    row.name,
    row.pins ?? '',
    row.edges ?? '',
    formatDifferences(row.otherVersions),
    formatDifferences(row.otherEdges),
    formatDifferences(row.otherThanUv),
    row.uvSeconds === undefined ? '' : `${row.uvSeconds.toFixed(1)} s`,
    row.lockSeconds === undefined ? '' : `${row.lockSeconds.toFixed(1)} s`,
    row.packSeconds === undefined ? '' : `${row.packSeconds.toFixed(0)} s`,
    row.rpmBytes === undefined ? '' : `${(row.rpmBytes / 1e6).toFixed(1)} MB`,
    row.damaged === undefined ? '' : row.damaged.length === 0 ? 'all' : `${row.damaged.length} damaged`,
    row.lint === undefined ? '' : row.lint.length === 0 ? 'clean' : `${row.lint.length} findings`,
    row.failedImports === undefined ? '' : row.failedImports.length === 0 ? 'all' : row.failedImports.join('; '),
    row.smoke ?? '',
    row.message?.split('\n')[0] ?? '',
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function formatDifferences(found) {
  if (found === undefined) return '';
  return found.length === 0 ? 'all' : `${found.length} differ`;
}
