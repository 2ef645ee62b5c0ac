// Installs, upgrades, rolls back and removes what pinpack makes, on servers of other distributions: `node tools/fleets/matrix.mjs [--roots <folder>] [--folder <path>]
// [--fleet <name>] [<kind> …]`. Needs root's rights, the network, createrepo_c, gpg, and below --roots (or in PINPACK_ROOTS) the roots of axes.mjs: tools/fleets/make-roots.sh.
// A server whose root or Python is missing is skipped with the reason. The exit status is 1 if a step failed. docs/support.md records the results.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DEFAULT_COMPRESSION, findPython, lockedCompression } from '@pinpack/rpm-packaging';
import { execa } from 'execa';
import { KINDS, printed, RELEASES, SERVERS } from './axes.mjs';
import { formatRepositories, INSTALLERS } from './installers.mjs';
import { Root } from './root.mjs';
import { serve } from './server.mjs';
import { makeShim, rpmsBelow } from './shim.mjs';
import { publishReleases } from './workspace.mjs';

/** Roots of debootstrap have no curl. */
const FETCH = `/usr/bin/python3 -c 'import sys, urllib.request as u; u.urlretrieve(sys.argv[1], sys.argv[1].split("/")[-1])'`;
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const STEPS = ['install', 'upgrade', 'rollback', 'remove'];
/** Folders that a removal must leave without a file of pinpack. */
const OWN =
  '/usr/lib/pinpack /usr/lib/pinpack-runtime /usr/share/pinpack /var/lib/pinpack /opt/matrix-* /usr/bin/matrix-* /usr/bin/pinpack-*';

const options = { roots: { type: 'string' }, folder: { type: 'string' }, fleet: { type: 'string', multiple: true } };
const { values, positionals } = parseArgs({ allowPositionals: true, options });
const roots = values.roots ?? process.env.PINPACK_ROOTS ?? '/var/lib/pinpack-roots';
const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'pinpack-matrix-')));
await mkdir(folder, { recursive: true });
const chosen = KINDS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const key = await makeKey(join(folder, 'gpg'));
const rows = [];
const servers = SERVERS.filter(({ fleet }) => values.fleet === undefined || values.fleet.includes(fleet));
for (const [at, server] of servers.entries()) rows.push(...(await runServer(server, join(folder, String(at)))));
console.log(formatMatrix(rows));
if (values.folder === undefined) await rm(folder, { recursive: true });
process.exitCode = rows.some(({ steps }) => steps.some(({ failure }) => failure !== undefined)) ? 1 : 0;

/** @param {import('./axes.mjs').Server} server */
async function runServer(server, work) {
  const path = join(roots, server.root);
  if (!existsSync(path)) return [{ server, kind: 'all', steps: [], skipped: `there is no root ${path}` }];
  const [major, minor] = server.python.split('.');
  const builds = await findPython(`${major}.${minor}`).then(
    () => true,
    () => false,
  );
  const kinds = chosen.filter(({ application }) => application === undefined || builds);
  // Servers whose RPMs are the same share them, and a folder of an earlier run is used again.
  const compression = lockedCompression({ fleet: server.fleet }) ?? DEFAULT_COMPRESSION;
  const publish = join(folder, `published-${server.python}-${compression.replace(':', '-')}`);
  const served = await serve(publish);
  try {
    const request = { server, kinds, url: served.url, publish, key };
    const folders = await publishReleases(join(folder, 'workspace'), request);
    const done = [];
    for (const kind of kinds) done.push(await runKind(kind, { server, path, publish, folders, served, work }));
    const left = chosen.filter((kind) => !kinds.includes(kind));
    const skipped = `Python ${major}.${minor} is not installed here, which builds the application's library`;
    return [...done, ...left.map((kind) => ({ server, kind: kind.name, steps: [], skipped }))];
  } finally {
    served.stop();
  }
}

async function runKind(kind, { server, path, publish, folders, served, work }) {
  const root = await Root.start(path, join(work, 'root'));
  try {
    const rpms = await rpmsBelow(join(publish, folders[1] ?? ''));
    const shim = await makeShim(root, rpms, join(publish, 'shim'));
    // Before the steps: no system's database of RPMs is ever empty, and zypper fails on one that is.
    const { exitCode, output } = await root.run(
      `cd /tmp && ${FETCH} ${served.url}/shim/${shim} && rpm -i --nosignature ${shim}`,
    );
    if (exitCode !== 0) throw new Error(`${server.name}: the root's shim could not be installed: ${output}`);
    const steps = [];
    for (const step of STEPS) {
      const release = step === 'upgrade' ? 1 : 0;
      const done = await runStep(step, { root, server, kind, release, folders, served });
      console.error(
        `${server.name}, ${server.fleet}, ${kind.name}: ${step}: ${done.failure ?? `${done.seconds.toFixed(1)} s`}`,
      );
      steps.push(done);
      if (done.failure !== undefined) break;
    }
    return { server, kind: kind.name, steps };
  } finally {
    await root.stop();
  }
}

async function runStep(step, { root, server, kind, release, folders, served }) {
  const installer = INSTALLERS[server.installer];
  const repositories = {
    matrix: { url: `${served.url}/${folders[release]}`, key: `${served.url}/matrix/RPM-GPG-KEY-pinpack` },
  };
  await root.write(join(installer.folder, 'matrix.repo'), formatRepositories(repositories));
  if (server.deltas === true) await turnOnDeltas(root);
  await root.run(installer.refresh);
  const before = { ...served.seen };
  const installed = "$(rpm -qa --qf '%{NAME}\\n' | grep -E '^(matrix|pinpack)-')";
  const names = { install: kind.install.join(' '), remove: installed }[step] ?? '';
  const { output, exitCode, seconds } = await root.run(`${installer[step]} ${names}`);
  const bytes = served.seen.bytes - before.bytes;
  const figures = { step, seconds, bytes, deltas: served.seen.deltas - before.deltas };
  if (exitCode !== 0) return { ...figures, failure: `exit status ${exitCode}\n${output}` };
  if (/scriptlet failed|warning: %/.test(output)) return { ...figures, failure: `a scriptlet failed\n${output}` };
  const failure = step === 'remove' ? await leftovers(root) : await difference(root, kind, printed(RELEASES[release]));
  return { ...figures, ...(failure !== undefined && { failure: `${failure}\n${output}` }) };
}

/** libzypp has them off by default. */
async function turnOnDeltas(root) {
  await root.write('/usr/bin/rpmdumpheader', await readFile(here('rpmdumpheader.py'), 'utf8'));
  await root.run('chmod 755 /usr/bin/rpmdumpheader; mkdir -p /etc/zypp');
  await root.write('/etc/zypp/zypp.conf', '[main]\ndownload.use_deltarpm = true\n');
}

async function difference(root, { check }, expected) {
  const found = await root.run(check);
  if (found.output.trim() !== expected) return `found ${JSON.stringify(found.output)}, expected ${expected}`;
  const verified = await root.run("rpm -V $(rpm -qa --qf '%{NAME}\\n' | grep -E '^(matrix|pinpack)-')");
  return verified.exitCode === 0 ? undefined : `rpm -V reports ${verified.output}`;
}

async function leftovers(root) {
  const { output } = await root.run(`find ${OWN} 2>/dev/null`);
  return output === '' ? undefined : `left after the removal: ${output}`;
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

function formatMatrix(rows) {
  const head = ['server', 'stands for', '`fleet`', 'kind', ...STEPS];
  const lines = rows.map(({ server, kind, steps, skipped }) => [
    server.name,
    server.stands,
    `\`${server.fleet}\``,
    kind,
    ...STEPS.map((step, at) => (skipped !== undefined ? (at === 0 ? `skipped: ${skipped}` : '') : cellOf(steps[at]))),
  ]);
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cellOf(step) {
  if (step === undefined) return 'not run';
  if (step.failure !== undefined) return 'FAILED';
  const size = step.bytes === 0 ? '' : `, ${Math.round(step.bytes / 1000)} kB`;
  return `${step.seconds.toFixed(1)} s${size}${step.deltas > 0 ? `, ${step.deltas} deltas` : ''}`;
}
