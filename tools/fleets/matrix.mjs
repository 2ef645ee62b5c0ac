// Installs, upgrades, rolls back and removes what pinpack makes, on servers of other distributions: `node tools/fleets/matrix.mjs [--roots <folder>] [--folder <path>]
// [--cpython <source.tgz>] [--fleet <name>] [--record] [<kind> …]`. Needs root's rights, the network, createrepo_c, gpg, and below --roots (or in PINPACK_ROOTS) the roots of axes.mjs: tools/fleets/make-roots.sh.
// A server whose root or source of a Python (--cpython or PINPACK_CPYTHON) is missing is skipped with the reason. The exit status is 1 if a step failed. `--record` writes the results into docs/support.md, after each server.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { format, resolveConfig } from 'prettier';
import { RELEASES, SERVERS } from './axes.mjs';
import { failMigration } from './failed-migration.mjs';
import { formatRepositories, INSTALLERS } from './installers.mjs';
import { KINDS, printed } from './kinds.mjs';
import { Root } from './root.mjs';
import { serve } from './server.mjs';
import { makeShim, rpmsBelow } from './shim.mjs';
import { checkOf, findProblem, inspect, standsAlone } from './systems.mjs';
import { publishReleases } from './workspace.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const STEPS = ['install', 'upgrade', 'rollback', 'remove'];
const HEAD = ['server', 'stands for', '`fleet`', 'kind', ...STEPS];
/** Folders of pinpack alone, whose files are counted. */
const OWN = '/usr/lib/pinpack /usr/lib/pinpack-runtime /usr/share/pinpack /var/lib/pinpack /opt';
/** A removal must leave no other path: what installers and systemd keep, and what belongs to the administrator. */
const KEPT =
  '^/(var/(adm|cache|log|tmp)|var/lib/(dnf|rpm|zypp|YaST2|systemd|private|my-(service|job))|run|tmp|etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$|etc/(yum.repos.d|zypp)|usr/share/licenses$|etc/sysconfig$|usr/lib/sysimage|root)';

const options = {
  roots: { type: 'string' },
  folder: { type: 'string' },
  cpython: { type: 'string' },
  fleet: { type: 'string', multiple: true },
  record: { type: 'boolean' },
};
const { values, positionals } = parseArgs({ allowPositionals: true, options });
const roots = values.roots ?? process.env.PINPACK_ROOTS ?? '/var/lib/pinpack-roots';
const source = values.cpython ?? process.env.PINPACK_CPYTHON;
const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'pinpack-matrix-')));
await mkdir(folder, { recursive: true });
const chosen = KINDS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const key = await makeKey(join(folder, 'gpg'));
const rows = [];
const servers = SERVERS.filter(({ fleet }) => values.fleet === undefined || values.fleet.includes(fleet ?? 'none'));
for (const [at, server] of servers.entries()) {
  const done = await runServer(server, join(folder, String(at)));
  if (values.record) await record(done);
  rows.push(...done);
}
console.log([HEAD, HEAD.map(() => '---'), ...rows.map(cellsOf)].map(formatRow).join('\n'));
if (values.folder === undefined) await rm(folder, { recursive: true });
process.exitCode = rows.some(({ steps }) => steps.some(({ failure }) => failure !== undefined)) ? 1 : 0;

/** @param {import('./axes.mjs').Server} server */
async function runServer(server, work) {
  const skipped = findProblem(server, { roots, source });
  if (skipped !== undefined) return [{ server, kind: 'all', steps: [], skipped }];
  const path = join(roots, server.root);
  const system = await inspect(server, { roots, source });
  // A folder of an earlier run is used again.
  const name = ['published', server.root, server.fleet ?? 'default', server.python].filter(Boolean).join('-');
  const publish = join(folder, name);
  const served = await serve(publish);
  try {
    const folders = await publishReleases(join(folder, 'workspace'), {
      ...{ server, system, kinds: chosen, url: served.url, publish, key },
    });
    const done = [];
    for (const kind of chosen) done.push(await runKind(kind, { server, path, publish, folders, served, work }));
    return done;
  } finally {
    served.stop();
  }
}

async function runKind(kind, { server, path, publish, folders, served, work }) {
  const root = await Root.start(path, join(work, 'root'));
  try {
    const rpms = await rpmsBelow(join(publish, folders[1] ?? ''));
    if (standsAlone(server)) await root.run('rm -f /usr/bin/python3*');
    const shim = await makeShim(root, rpms, join(publish, 'shim'));
    await root.write(`/root/${shim}`, await readFile(join(publish, 'shim', shim)));
    // Before the steps: no system's database of RPMs is ever empty, and zypper fails on one that is.
    const { exitCode, output } = await root.run(`rpm -i --nosignature /root/${shim}`);
    if (exitCode !== 0) throw new Error(`${server.name}: the root's shim could not be installed: ${output}`);
    if (server.deltas === true) await turnOnDeltas(root, server.installer);
    const before = await pathsOf(root);
    const steps = [];
    for (const step of STEPS) {
      const release = step === 'upgrade' ? 1 : 0;
      const done = await runStep(step, { root, server, kind, release, folders, served, before });
      console.error(
        `${server.name}, ${server.fleet ?? 'no fleet'}, ${kind.name}: ${step}: ${done.failure ?? `${done.seconds.toFixed(1)} s`}`,
      );
      steps.push(done);
      if (done.failure !== undefined) break;
    }
    return { server, kind: kind.name, steps };
  } finally {
    await root.stop();
  }
}

async function runStep(step, { root, server, kind, release, folders, served, before: paths }) {
  const installer = INSTALLERS[server.installer];
  const offer = async (at) => {
    const key = `${served.url}/matrix/RPM-GPG-KEY-pinpack`;
    const repositories = { matrix: { url: `${served.url}/${folders[at]}`, key } };
    await root.write(join(installer.folder, 'matrix.repo'), formatRepositories(repositories));
    await root.run(installer.refresh);
  };
  if (step === 'upgrade' && kind.obstacle !== undefined) {
    const differs = (at) => difference(root, { ...kind, server }, printed(RELEASES[at]));
    const failure = await failMigration(root, { installer, kind, offer, differs });
    if (failure !== undefined) return { step, seconds: 0, bytes: 0, deltas: 0, failure };
  }
  await offer(release);
  const before = { ...served.seen };
  const installed = "$(rpm -qa --qf '%{NAME}\\n' | grep -E '^(matrix|pinpack)-')";
  const names = { install: kind.install.join(' '), remove: installed }[step] ?? '';
  const { output, exitCode, seconds } = await root.run(`${installer[step]} ${names}`);
  const bytes = served.seen.bytes - before.bytes;
  const figures = { step, seconds, bytes, deltas: served.seen.deltas - before.deltas };
  if (exitCode !== 0) return { ...figures, failure: `exit status ${exitCode}\n${output}` };
  const complaint = /.*(?:scriptlet failed|warning: %|Failed Delta RPMs).*/.exec(output)?.[0];
  if (complaint !== undefined) return { ...figures, failure: `${complaint}\n${output}` };
  if (step === 'install') Object.assign(figures, await start(root, kind));
  const failure =
    figures.failure ??
    (step === 'remove'
      ? await leftovers(root, kind, paths)
      : await difference(root, { ...kind, server }, printed(RELEASES[release])));
  return { ...figures, ...(failure !== undefined && { failure: `${failure}\n${output}` }) };
}

/** applydeltarpm runs a program that Debian's rpm does not have, and libzypp has deltas off by default. */
async function turnOnDeltas(root, installer) {
  await root.write('/usr/bin/rpmdumpheader', await readFile(here('rpmdumpheader.py'), 'utf8'));
  await root.run('chmod 755 /usr/bin/rpmdumpheader');
  if (installer === 'zypper') await root.write('/etc/zypp/zypp.conf', '[main]\ndownload.use_deltarpm = true\n');
}

/** What the administrator does, and what the installation takes on the disk. */
async function start(root, { start: command = 'true', units }) {
  const analyze =
    units === undefined
      ? 'true'
      : 'systemd-analyze verify $(ls /usr/lib/systemd/system/matrix-* | sed s/@.service/@venv.service/)';
  const { exitCode, output } = await root.run(`${command} && ${analyze}`);
  const complaints = output.split('\n').filter((line) => line.includes('matrix-') && !line.includes('Created symlink'));
  if (exitCode !== 0 || complaints.length > 0) return { failure: `${command}, ${analyze}: ${output}` };
  const counted = await root.run(`find ${OWN} -type f | wc -l; du -skc ${OWN} | tail -n 1`);
  const [files, kilobytes] = counted.output.split(/\s+/).map(Number);
  return { files, megabytes: kilobytes / 1024 };
}

async function difference(root, { check, server }, expected) {
  const found = await root.run(checkOf(server, check));
  if (found.output.trim() !== expected) return `found ${JSON.stringify(found.output)}, expected ${expected}`;
  const verified = await root.run("rpm -V $(rpm -qa --qf '%{NAME}\\n' | grep -E '^(matrix|pinpack)-')");
  return verified.exitCode === 0 ? undefined : `rpm -V reports ${verified.output}`;
}

async function leftovers(root, { units = [] }, before) {
  const known = new Set(before);
  const left = (await pathsOf(root)).filter((path) => !known.has(path));
  if (left.length > 0) return `left after the removal: ${left.join(' ')}`;
  const { output } = await root.run(
    `systemctl list-units --all --no-legend --plain ${units.join(' ') || 'matrix-\\*'}`,
  );
  return output === '' ? undefined : `systemd has after the removal: ${output}`;
}

/** Every path that no installer changes by itself. */
async function pathsOf(root) {
  const { output } = await root.run(`find / -xdev | grep -Ev '${KEPT}'`);
  return output.split('\n');
}

/** A key for this run. rpm of version 6 installs signed RPMs only. */
async function makeKey(home) {
  const file = join(home, 'key.asc');
  if (existsSync(file)) return file;
  await mkdir(home, { recursive: true, mode: 0o700 });
  const gpg = (...words) =>
    execa('gpg', ['--homedir', home, '--batch', '--passphrase', '', '--pinentry-mode', 'loopback', ...words]);
  await gpg('--quick-generate-key', 'matrix@example.com', 'rsa3072', 'sign', 'never');
  const { stdout } = await gpg('--armor', '--export-secret-keys');
  await execa('gpgconf', ['--homedir', home, '--kill', 'gpg-agent']);
  await writeFile(file, `${stdout}\n`, { mode: 0o600 });
  return file;
}

function cellsOf({ server, kind, steps, skipped }) {
  return [
    server.name,
    server.stands,
    server.fleet === undefined ? 'none' : `\`${server.fleet}\``,
    kind,
    ...STEPS.map((step, at) => (skipped !== undefined ? (at === 0 ? `skipped: ${skipped}` : '') : cellOf(steps[at]))),
  ];
}

function formatRow(cells) {
  return `| ${cells.join(' | ')} |`;
}

function cellOf(step) {
  if (step === undefined) return 'not run';
  if (step.failure !== undefined) return 'FAILED';
  const size = step.bytes === 0 ? '' : `, ${Math.round(step.bytes / 1000)} kB`;
  const disk = step.files === undefined ? '' : `; ${step.megabytes.toFixed(1)} MB, ${step.files} files`;
  return `${step.seconds.toFixed(1)} s${size}${step.deltas > 0 ? `, ${step.deltas} deltas` : ''}${disk}`;
}

/** Replaces the rows of a server in the table of the documentation, which is in the order of SERVERS and KINDS. */
async function record(rows) {
  const page = here('../../docs/support.md');
  const [above, table, below] = (await readFile(page, 'utf8')).split(/<!-- \/?matrix -->/);
  const keyOf = (cells) => cells.slice(0, 4).join('|');
  const old = table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const cells = new Map([...old.slice(2), ...rows.map(cellsOf)].map((row) => [keyOf(row), row]));
  const order = SERVERS.flatMap((server) => KINDS.map(({ name }) => keyOf(cellsOf({ server, kind: name, steps: [] }))));
  const sorted = order.flatMap((key) => (cells.has(key) ? [cells.get(key)] : []));
  const lines = [HEAD, HEAD.map(() => '---'), ...sorted].map(formatRow).join('\n');
  const text = `${above}<!-- matrix -->\n\n${lines}\n\n<!-- /matrix -->${below}`;
  await writeFile(page, await format(text, { ...(await resolveConfig(page)), filepath: page }));
}
