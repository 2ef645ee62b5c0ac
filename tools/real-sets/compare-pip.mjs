// Resolves the same set for the same Python and platform with pip, and lists the differences from the lock.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const EDGES = fileURLToPath(new URL('pip_edges.py', import.meta.url));
const PACKAGING = fileURLToPath(
  new URL('../../libs/python-dist/python/packaging-26.0-py3-none-any.whl', import.meta.url),
);
const PLATFORMS = [
  'manylinux_2_28',
  'manylinux_2_27',
  'manylinux_2_26',
  'manylinux_2_24',
  'manylinux_2_17',
  'manylinux2014',
  'manylinux_2_12',
  'manylinux2010',
  'manylinux_2_5',
  'manylinux1',
  'linux',
];
/** pip may backtrack through very many versions of a set that uv resolves quickly. */
const PATIENCE_MS = 300_000;

/**
 * Compares versions with pip's own choice, and edges with those that pip finds for the lock's versions, so that a version that differs is not
 * counted once for each of its edges.
 */
export async function comparePip({ lock, edges, requirements, folder, name }) {
  const given = join(folder, `results/${name}-pins.txt`);
  await writeFile(given, lock.packages.map((pin) => `${pin.name}==${pin.version}\n`).join(''));
  const free = await askPip(lock, requirements, join(folder, `results/${name}-pip.json`));
  const locked = new Map(lock.packages.map((pin) => [pin.name, pin.version]));
  const otherVersions =
    free.pins === undefined ? [`pip: ${free.failure}`] : differences(locked, new Map(Object.entries(free.pins)));
  const constrained = ['--constraint', given];
  const same =
    otherVersions.length === 0
      ? free
      : await askPip(lock, requirements, join(folder, `results/${name}-pip-same.json`), constrained);
  const asked = new Set(same.edges?.map((edge) => edge.join(' -> ')) ?? []);
  return {
    otherVersions,
    otherEdges:
      same.pins === undefined
        ? [`pip: ${same.failure}`]
        : [
            ...differences(locked, new Map(Object.entries(same.pins))),
            ...edges.filter((edge) => !asked.has(edge)).map((edge) => `only here: ${edge}`),
            ...[...asked].filter((edge) => !edges.includes(edge)).map((edge) => `only pip: ${edge}`),
          ],
  };
}

function differences(here, pip) {
  return [...new Set([...here.keys(), ...pip.keys()])]
    .sort()
    .filter((name) => here.get(name) !== pip.get(name))
    .map((name) => `${name}: here ${here.get(name) ?? 'absent'}, pip ${pip.get(name) ?? 'absent'}`);
}

async function askPip(lock, requirements, report, more = []) {
  await rm(report, { force: true });
  const words = [
    '-m',
    'pip',
    'install',
    '--dry-run',
    '--ignore-installed',
    '--quiet',
    '--report',
    report,
    '--requirement',
    requirements,
  ];
  const target = [
    '--only-binary',
    ':all:',
    '--python-version',
    lock.python,
    '--implementation',
    'cp',
    '--target',
    '/nonexistent',
  ];
  const platforms = PLATFORMS.flatMap((tag) => ['--platform', `${tag}_x86_64`]);
  const env = { PIP_FIND_LINKS: '', PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  const options = { reject: false, env, timeout: PATIENCE_MS };
  const asked = await execa('python3.11', [...words, ...target, ...platforms, ...more], options);
  if (asked.timedOut) return { failure: `no result within ${PATIENCE_MS / 1000} s` };
  if (asked.failed) return { failure: asked.stderr.split('\n').slice(-4).join(' ') };
  const { stdout } = await execa('python3.11', [EDGES, report, requirements], { env: { PYTHONPATH: PACKAGING } });
  return JSON.parse(stdout);
}
