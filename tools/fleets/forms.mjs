// Compares forms of one application in one system: RPMs with the system's Python and with their own, conda-pack, PyInstaller and shiv. `node tools/fleets/forms.mjs
// --cpython <source.tgz> [--roots <folder>] [--rounds <n>] [--json]`. Needs the network, and below --roots the roots `trixie` and `build` of make-roots.sh; root's rights.
// Builds are measured once, from wheels that are there; installations and starts are medians. All seconds are processor time of every process.
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { write } from '../bench/files.mjs';
import { runMeasured } from '../bench/measure.mjs';
import { makeScratchWorkspace } from '../bench/workspace-copy.mjs';
import { FORMS, KIT, PINS, TARGET } from './form-commands.mjs';
import { formatRepositories } from './installers.mjs';
import { Root } from './root.mjs';
import { serve } from './server.mjs';
import { makeShim, rpmsBelow } from './shim.mjs';
import { findProblem, inspect } from './systems.mjs';

const SERVER = { root: 'trixie', installer: 'dnf', python: '3.13.5' };
/** Reqsets with the same application, and the names of their rows. */
const SETS = {
  system: "RPMs, system's Python",
  'system-compiled': "RPMs, system's Python, with bytecode",
  own: 'RPMs, own Python',
  'own-compiled': 'RPMs, own Python, with bytecode',
};
const CODE = `def main():
    import numpy
    import scipy.linalg

    print(numpy.__version__, scipy.__version__, scipy.linalg.det(numpy.eye(3)))
`;
const { values } = parseArgs({
  options: {
    cpython: { type: 'string' },
    roots: { type: 'string', default: process.env.PINPACK_ROOTS ?? '/var/lib/pinpack-roots' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
const places = { roots: values.roots, source: values.cpython ?? process.env.PINPACK_CPYTHON };
const problem = findProblem(SERVER, places);
if (problem !== undefined) throw new Error(problem);
const folder = await mkdtemp(join(tmpdir(), 'pinpack-forms-'));
const workspace = join(folder, 'workspace');
const lower = join(values.roots, SERVER.root);
const results = [];
try {
  await makeWorkspace();
  for (const set of Object.keys(SETS)) results.push(await measureRpms(set));
  const wheels = join(workspace, 'dist/wheels/system');
  for (const form of FORMS) results.push(await measureForm(form, wheels));
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(values.json ? JSON.stringify(results, undefined, 2) : formatTable(results));

/** One application in all reqsets. */
async function makeWorkspace() {
  makeScratchWorkspace(workspace, 'forms');
  const own = await inspect(SERVER, places);
  const system = await inspect({ ...SERVER, python: undefined }, places);
  for (const set of Object.keys(SETS)) {
    const { python, glibc, folder: root } = set.startsWith('own') ? own : system;
    const platform = `manylinux_${glibc.replace('.', '_')}_x86_64`;
    const settings = { python, platform, build: { root }, ...(set.endsWith('-compiled') && { bytecode: true }) };
    write(join(workspace, 'reqsets', set, 'reqset.json'), JSON.stringify(settings));
    write(join(workspace, 'reqsets', set, 'requirements.txt'), `${PINS.join('\n')}\n`);
  }
  const project = [
    '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"',
    '[project]\nname = "report"\nversion = "1.0"\ndependencies = ["numpy", "scipy"]',
    '[project.scripts]\nreport = "report:main"',
    '[tool.setuptools]\npy-modules = ["report"]',
    `[tool.pinpack]\nreqsets = ${JSON.stringify(Object.keys(SETS))}\nscripts = ["report"]`,
  ];
  write(join(workspace, 'apps/report/pyproject.toml'), `${project.join('\n')}\n`);
  write(join(workspace, 'apps/report/report.py'), CODE);
}

async function nx(...words) {
  const environment = { NX_DAEMON: 'false', NX_CACHE_DIRECTORY: join(folder, 'nx'), PINPACK_STORE_MODE: 'off' };
  return runMeasured({
    commands: [[join(workspace, 'node_modules/.bin/nx'), ...words]],
    folder: workspace,
    environment,
  });
}

async function measureRpms(set) {
  console.error(`RPMs of ${set}`);
  await nx('run', `${set}:lock`);
  await nx('run', `${set}:wheel`);
  const { cpu: build } = await nx('run', `${set}:repo`);
  const repository = join(workspace, 'dist/repo', set);
  const served = await serve(repository);
  const rounds = [];
  try {
    for (let round = 0; round < Number(values.rounds); round++) {
      rounds.push(
        await inRoot(async (root) => {
          const shim = await makeShim(root, await rpmsBelow(repository), join(folder, 'shim'));
          await root.write(`/root/${shim}`, await readFile(join(folder, 'shim', shim)));
          await succeed(root, `rpm -i --nosignature /root/${shim}`);
          await root.write('/etc/yum.repos.d/forms.repo', formatRepositories({ forms: { url: served.url } }));
          served.seen.bytes = 0;
          const install = await cpuOf(root, `dnf -y --setopt=install_weak_deps=False install ${set}-report`);
          return {
            install,
            download: served.seen.bytes,
            ...(await starts(root, 'report', '/usr/lib/pinpack /usr/lib/pinpack-runtime /opt')),
          };
        }),
      );
    }
  } finally {
    served.stop();
  }
  return summarize(SETS[set], build, rounds);
}

async function measureForm(form, wheels) {
  console.error(form.name);
  const artifact = join(folder, form.artifact);
  const build = await inRoot(async (root) => {
    await makeKit(root, wheels);
    if (form.needsPython === true) await copyPython(root);
    await succeed(root, form.prepare ?? 'true');
    const seconds = await cpuOf(root, form.build);
    await execa('cp', [join(`/proc/${root.pid}/root/build/out`, form.artifact), artifact]);
    return seconds;
  });
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    rounds.push(
      await inRoot(async (root) => {
        await root.write(`/root/${form.artifact}`, await readFile(artifact));
        const install = await cpuOf(root, form.install);
        return {
          install,
          download: (await stat(artifact)).size,
          ...(await starts(root, form.start, form.paths ?? TARGET)),
        };
      }),
    );
  }
  return summarize(form.name, build, rounds);
}

/** Wheels of the application and of the programs that pack it. */
async function makeKit(root, wheels) {
  const kit = join(folder, 'kit');
  await execa('python3', [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--dest',
    kit,
    '--python-version',
    '3.13',
    '--only-binary',
    ':all:',
    ...KIT,
  ]);
  const inside = `/proc/${root.pid}/root/build`;
  await mkdir(`${inside}/out`, { recursive: true });
  await execa('cp', ['-r', kit, `${inside}/kit`]);
  await execa('cp', ['-r', wheels, `${inside}/wheels`]);
  await succeed(
    root,
    `python3 $(echo /build/kit/pip-*.whl)/pip install --quiet --no-index --find-links /build/kit --target /build/programs ${KIT.join(' ')}`,
  );
}

/** The own Python as a server has it. */
async function copyPython(root) {
  const files = await readdir(join(workspace, 'dist/rpms/own'));
  const rpm = files.find((name) => name.startsWith('own-python-'));
  const tree = join(folder, 'python');
  await mkdir(tree, { recursive: true });
  const { stdout } = await execa('rpm2cpio', [join(workspace, 'dist/rpms/own', rpm)], {
    encoding: 'buffer',
    maxBuffer: 1e9,
  });
  await execa('cpio', ['-id', '--quiet', '--no-absolute-filenames'], { input: stdout, cwd: tree });
  await execa('cp', ['-r', join(tree, 'usr/lib/pinpack/own/_python'), `/proc/${root.pid}/root/build/env`]);
}

async function inRoot(run) {
  const root = await Root.start(lower, join(folder, 'root'));
  try {
    return await run(root);
  } finally {
    await root.stop();
  }
}

async function succeed(root, command) {
  const { exitCode, output } = await root.run(command);
  if (exitCode !== 0) throw new Error(`${command}: exit status ${exitCode}\n${output}`);
  return output;
}

/** Processor seconds of a command and everything that it waits for. */
async function cpuOf(root, command) {
  await root.write('/root/command', command);
  const output = await succeed(
    root,
    `bash -c 'TIMEFORMAT="%U %S"; time sh -e /root/command > /root/log 2>&1' || { tail -n 20 /root/log; exit 1; }`,
  );
  const [user, system] = output.trim().split('\n').at(-1).split(' ').map(Number);
  return user + system;
}

async function starts(root, command, paths) {
  const first = await cpuOf(root, command);
  const printed = await succeed(root, 'cat /root/log');
  const expected = PINS.map((pin) => pin.split('==')[1]).join(' ');
  if (!printed.startsWith(expected)) throw new Error(`${command} printed ${printed}, expected ${expected}`);
  const later = await cpuOf(root, command);
  const kilobytes = await succeed(root, `du -skc ${paths} | tail -n 1 | cut -f 1`);
  return { first, later, installed: Number(kilobytes) * 1024 };
}

function summarize(name, build, rounds) {
  const median = (key) => rounds.map((round) => round[key]).sort((a, b) => a - b)[Math.floor(rounds.length / 2)];
  const keys = ['download', 'installed', 'install', 'first', 'later'];
  const row = { name, build, ...Object.fromEntries(keys.map((key) => [key, median(key)])) };
  console.error(JSON.stringify(row));
  return row;
}

function formatTable(rows) {
  const head = ['form', 'download', 'installed', 'build', 'install', 'first start', 'later starts'];
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const cells = rows.map(({ name, download, installed, build, install, first, later }) => [
    ...[name, megabytes(download), megabytes(installed), `${build.toFixed(0)} s`],
    ...[install, first, later].map((seconds) => `${seconds.toFixed(2)} s`),
  ]);
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
