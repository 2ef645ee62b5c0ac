// Measures patches of wheel RPMs against the floor, for any upgrades: `node tools/upgrades/wheel-pairs.mjs [<name>=<old>..<new> …]`, by default those of
// others.json. Downloads the wheels and packs their RPMs without a workspace, so it takes seconds for each. docs/patches.md records the results.
// Needs the network, bsdiff and zstd.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Of } from '@pinpack/common/digest';
import { packWheelRpm } from '@pinpack/rpm-packaging';
import { makePatch } from '@pinpack/rpm-repo';
import { execa } from 'execa';
import { formatTable } from '../bench/table.mjs';
import { floorBytes } from './floor.mjs';

const PYTHON = fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const PLATFORM = 'manylinux_2_28_x86_64';
const OLDER_PLATFORMS = ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'];

const others = JSON.parse(await readFile(fileURLToPath(new URL('others.json', import.meta.url)), 'utf8'));
const asked = process.argv.slice(2).map((word) => word.split('='));
const pairs = asked.length > 0 ? asked.map(([name, range]) => [name, range.split('..')]) : Object.entries(others);
const rows = [];
for (const [name, versions] of pairs) {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-pair-'));
  try {
    rows.push(await measure(folder, name, versions));
    console.error(JSON.stringify(rows.at(-1)));
  } finally {
    await rm(folder, { recursive: true });
  }
}
console.log(
  formatTable(
    ['kB', 'RPM, zstd', 'patch', 'bsdiff', 'zstd --patch-from', 'to the floor'],
    rows.map(({ title, full, patch, bsdiff, zstd }) => [
      title,
      ...[full, patch, bsdiff, zstd].map((bytes) => (bytes / 1000).toFixed(1)),
      (patch / Math.min(bsdiff, zstd)).toFixed(2),
    ]),
  ),
);

async function measure(folder, name, versions) {
  const [old, fresh] = [
    await pack(folder, name, { version: versions[0], compression: 'none' }),
    await pack(folder, name, { version: versions[1], compression: 'none' }),
  ];
  const today = await pack(folder, name, { version: versions[1], compression: 'zstd:3' });
  const { size: instead } = await stat(fresh.rpm);
  const made = await makePatch({ oldRpm: old.rpm, newRpm: fresh.rpm, path: join(folder, 'patch'), instead, share: 1 });
  if ('refused' in made) throw new Error(`${name}: ${made.refused}`);
  return {
    title: `${name} ${versions.join(' → ')}`,
    full: (await stat(today.rpm)).size,
    patch: made.size,
    ...(await floorBytes(join(folder, 'floor'), old.wheel, fresh.wheel)),
  };
}

async function pack(folder, name, { version, compression }) {
  const wheels = join(folder, version);
  await mkdir(wheels, { recursive: true });
  if ((await readdir(wheels)).length === 0) await download(wheels, `${name}==${version}`);
  const file = (await readdir(wheels)).find((each) => each.endsWith('.whl'));
  const wheel = join(wheels, file);
  const bytes = await readFile(wheel);
  const pin = {
    ...{ name, version, release: 1, python: '3.11', platform: PLATFORM, bytecode: false, layout: 'tree', compression },
    ...{ source: { kind: 'wheel', wheel: { name: file, size: bytes.length, sha256: sha256Of(bytes) } } },
    ...{ extras: [], requires: [], dependencies: [] },
  };
  const packed = await packWheelRpm({ reqset: 'pairs', pin, vendor: 'pinpack', wheel, inTurn: (read) => read() });
  const rpm = join(folder, `${compression.replace(':', '')}-${packed.fileName}`);
  await writeFile(rpm, packed.chunks);
  return { rpm, wheel };
}

async function download(folder, requirement) {
  const platforms = [PLATFORM, ...OLDER_PLATFORMS].flatMap((platform) => ['--platform', platform]);
  const options = ['--quiet', '--no-deps', '--only-binary', ':all:', '--python-version', '3.11', ...platforms];
  await execa(PYTHON, ['-m', 'pip', 'download', ...options, '--dest', folder, requirement]);
}
