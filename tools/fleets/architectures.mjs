// Packs wheels of the index for other machines, and compares the Requires of each RPM with those that rpm's elfdeps finds in its files: `node tools/fleets/architectures.mjs`.
// Needs the network, rpm2cpio, cpio and elfdeps.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { write } from '../bench/files.mjs';
import { makeScratchWorkspace } from '../bench/workspace-copy.mjs';

/** Pins with wheels of C and of Rust for each machine. s390x is big-endian. */
const MACHINES = {
  s390x: { platform: 'manylinux_2_28_s390x', pins: ['charset-normalizer==3.4.3', 'cffi==1.17.1', 'rpds-py==0.27.1'] },
  ppc64le: { platform: 'manylinux_2_28_ppc64le', pins: ['charset-normalizer==3.4.3', 'rpds-py==0.27.1'] },
  aarch64: { platform: 'manylinux_2_28_aarch64', pins: ['charset-normalizer==3.4.3', 'rpds-py==0.27.1'] },
  riscv64: { platform: 'manylinux_2_39_riscv64', pins: ['markupsafe==3.0.3'] },
};
const ELFDEPS = '/usr/lib/rpm/elfdeps';
const NAME = /\.so|^rtld/;

const folder = await mkdtemp(join(tmpdir(), 'pinpack-architectures-'));
makeScratchWorkspace(folder, 'architectures');
for (const [machine, { platform, pins }] of Object.entries(MACHINES)) {
  write(join(folder, 'reqsets', machine, 'reqset.json'), JSON.stringify({ python: '3.13.5', platform }));
  write(join(folder, 'reqsets', machine, 'requirements.txt'), `${[...pins, 'six==1.17.0'].join('\n')}\n`);
}
const environment = { NX_DAEMON: 'false', NX_CACHE_DIRECTORY: join(folder, 'caches/nx'), PINPACK_STORE_MODE: 'off' };
for (const target of ['lock', 'rpm']) {
  await execa('node_modules/.bin/nx', ['run-many', '-t', target], { cwd: folder, env: environment, stdio: 'inherit' });
}
for (const machine of Object.keys(MACHINES)) {
  const rpms = join(folder, 'dist/rpms', machine);
  for (const file of await readdir(rpms)) await check(join(rpms, file), machine);
}
await rm(folder, { recursive: true });

async function check(rpm, machine) {
  const { stdout: architecture } = await execa('rpm', ['-qp', '--nosignature', '--qf', '%{ARCH}', rpm]);
  const { stdout: requires } = await execa('rpm', ['-qp', '--nosignature', '--requires', rpm]);
  const found = requires
    .split('\n')
    .filter((line) => NAME.test(line))
    .sort();
  const expected = await elfRequires(rpm);
  const isPure = expected.length === 0;
  if (architecture !== (isPure ? 'noarch' : machine) || found.join('\n') !== expected.join('\n')) {
    console.error(`${rpm}: ${architecture} requires\n${found.join('\n')}\nexpected\n${expected.join('\n')}`);
    process.exitCode = 1;
  } else console.log(`${rpm}: ${expected.length} requires as elfdeps finds them`);
}

async function elfRequires(rpm) {
  const tree = await mkdtemp(join(folder, 'tree-'));
  const { stdout: archive } = await execa('rpm2cpio', [rpm], { encoding: 'buffer' });
  await execa('cpio', ['--extract', '--make-directories', '--quiet', '--no-absolute-filenames'], {
    input: archive,
    cwd: tree,
  });
  const files = (await readdir(tree, { recursive: true })).filter((file) => /\.so(\.|$)/.test(file));
  const paths = files.map((file) => join(tree, file));
  if (paths.length === 0) return [];
  // It skips files that are not executable.
  await execa('chmod', ['755', ...paths]);
  const { stdout } = await execa(ELFDEPS, ['--requires'], { input: `${paths.join('\n')}\n` });
  return [...new Set(stdout.split('\n'))].sort();
}
