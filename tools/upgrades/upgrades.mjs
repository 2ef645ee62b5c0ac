// Measures the bytes that a server downloads for one upgrade: `node tools/upgrades/upgrades.mjs [--folder <path>] [--short | --rpms] [<name> …]`. Upgrades ten packages from
// their second latest to their latest version (upgrades.json), each as the only change in an application: with pinpack in both layouts, in RPMs that carry
// the zipped wheel, in RPMs that carry the ready virtualenv, and as a binary diff of the contents. Needs the network, deltarpm, rpmbuild, bsdiff, zstd and root.
// docs/deltas.md and docs/patches.md record the results. --short: only what patches and their costs need, for a run of minutes instead of hours.
// --rpms: measures nothing, makes the RPMs that real-upgrade.integration.spec.ts needs.
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deltaBytes, deltasOfFolders } from './delta-bytes.mjs';
import { floorBytes } from './floor.mjs';
import { hostCosts } from './host-costs.mjs';
import { installationOfFolders, patchesOfFolders } from './patch-bytes.mjs';
import { packEnvironment, packZippedWheel } from './other-rpms.mjs';
import { formatCosts, formatUpgrades } from './table.mjs';
import { makeRpms, makeWorkspace } from './workspace.mjs';

/** Settings of the reqset. For patches, RPMs are not compressed; xz is for what upgrades cost servers. */
const KINDS = {
  tree: { layout: 'tree' },
  stored: { layout: 'stored' },
  patches: { layout: 'tree', compression: 'none' },
  xz: { layout: 'tree', compression: 'xz:2' },
};
const STATES = ['old', 'new'];
const SHORT = ['tree', 'patches', 'xz'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { folder: { type: 'string' }, short: { type: 'boolean' }, rpms: { type: 'boolean' } },
});
const upgrades = JSON.parse(await readFile(fileURLToPath(new URL('upgrades.json', import.meta.url)), 'utf8'));
const unknown = positionals.filter((name) => !(name in upgrades));
if (unknown.length > 0) {
  console.error(`no such upgrade: ${unknown.join(', ')}; there are ${Object.keys(upgrades).join(', ')}`);
  process.exit(2);
}
const kinds = values.rpms === true ? ['patches'] : values.short === true ? SHORT : Object.keys(KINDS);
const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'pinpack-upgrades-')));
await mkdir(join(folder, 'results'), { recursive: true });
await makeWorkspace(join(folder, 'workspace'));
const rows = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(upgrades)) {
  const made = await makeAll(name, upgrades[name]);
  if (values.rpms === true) continue;
  const row = await measure(name, upgrades[name], made);
  await writeFile(join(folder, 'results', `${name}.json`), `${JSON.stringify(row, null, 2)}\n`);
  rows.push(row);
}
if (values.rpms !== true) console.log(values.short === true ? formatCosts(rows) : formatUpgrades(rows));

/** The RPMs of both versions, of every kind. @param {[string, string]} versions */
async function makeAll(name, versions) {
  const made = {};
  for (const kind of kinds)
    for (const [at, state] of STATES.entries()) {
      console.error(`upgrades: ${name} ${versions[at]}, ${kind}`);
      made[`${kind}-${state}`] = await makeRpms(join(folder, 'workspace'), {
        name,
        version: versions[at],
        settings: KINDS[kind],
        isFirst: at === 0,
        to: join(folder, 'made', name, `${kind}-${state}`),
      });
    }
  return made;
}

/** Measures every contestant, in bytes. @param {[string, string]} versions */
async function measure(name, versions, made) {
  const folders = (kind) => ({ old: made[`${kind}-old`].rpms, fresh: made[`${kind}-new`].rpms });
  return {
    name,
    versions,
    tree: await deltasOfFolders(folders('tree')),
    patches: await patchesOfFolders({ ...folders('patches'), work: join(folder, 'patches', name) }),
    costs: await hostCosts({ plain: folders('patches'), xz: folders('xz'), zstd: folders('tree') }),
    ...(values.short !== true && (await measureOthers(name, made, folders))),
  };
}

/** Other layouts, other packers, and the floor. */
async function measureOthers(name, made, folders) {
  console.error(`upgrades: ${name}: zipped wheels and ready virtualenvs`);
  const work = join(folder, 'others', name);
  const both = async (pack) => [await pack('old', made['tree-old']), await pack('new', made['tree-new'])];
  const zipped = await both((state, { wheel }) => packZippedWheel(work, { name, state, wheel }));
  const [oldEnvironment, newEnvironment] = await both((state, { wheels }) =>
    packEnvironment(work, { name, state, wheels }),
  );
  const installed = { fresh: made['patches-new'].rpms, today: made['tree-new'].rpms };
  return {
    first: await installationOfFolders({ ...installed, work: join(folder, 'first', name) }),
    stored: await deltasOfFolders(folders('stored')),
    zipped: await deltaBytes(...zipped),
    environment: await deltaBytes(oldEnvironment.bytecode, newEnvironment.bytecode),
    environmentPlain: await deltaBytes(oldEnvironment.plain, newEnvironment.plain),
    ...(await floorBytes(join(folder, 'floor', name), made['tree-old'].wheel, made['tree-new'].wheel)),
  };
}
