// Measures what patches cost the machine that publishes: `node tools/upgrades/publish-costs.mjs [<folder>]`. Publishes this repository's reqset webset with five
// pins at their previous versions, and makes the patches of the current ones and of the application, which contain their whole RPMs too. Those of other RPMs
// are left out: a publication takes them from the store. Needs the network.
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { emptyCaches } from '../bench/caches.mjs';
import { ROOT } from '../bench/files.mjs';
import { runNx } from '../bench/nx.mjs';
import { formatTable } from '../bench/table.mjs';
import { makeScratchWorkspace } from '../bench/workspace-copy.mjs';

const PREVIOUS = { cryptography: '50.0.1', django: '5.2.18', lxml: '6.1.2', pillow: '12.3.0', requests: '2.34.1' };
const folder = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'pinpack-publish-costs-')));
const root = join(folder, 'workspace');
const environment = {
  ...emptyCaches(join(folder, 'caches')),
  PINPACK_STORE: pathToFileURL(join(folder, 'store')).href,
  PINPACK_STORE_MODE: 'read-write',
};
makeScratchWorkspace(root, 'publish-costs');
for (const path of ['reqsets/webset', 'apps/web_service'])
  await cp(join(ROOT, path), join(root, path), { recursive: true });
const settings = join(root, 'reqsets/webset/reqset.json');
await writeFile(settings, JSON.stringify({ ...JSON.parse(await readFile(settings, 'utf8')), fleet: 'patches' }));
const requirements = join(root, 'reqsets/webset/requirements.txt');
const current = await readFile(requirements, 'utf8');

await writeFile(requirements, withPrevious(current));
await writeNxJson({ patches: 0 });
for (const target of ['lock', 'publish']) await measure('run', `webset:${target}`);
await writeFile(requirements, current);
await writeNxJson({ patches: 1 });
await measure('run', 'webset:lock');
const rpms = await measure('run', 'webset:rpm');
const changed = [...Object.keys(PREVIOUS).map((name) => `webset-wheel-${name}`), 'webset-web_service'];
const patches = await measure('run-many', '-t', 'delta', '-p', changed.join());
console.log(formatTable(['', 'RPMs', 'patches'], [['CPU s', rpms.cpu.toFixed(1), patches.cpu.toFixed(1)]]));

/** @param {object} settings - of publishing */
async function writeNxJson({ patches: count }) {
  const publish = { to: pathToFileURL(join(folder, 'publication')).href, patches: count, deltas: 0 };
  const plugins = [{ plugin: 'pinpack', options: { publish } }];
  await writeFile(join(root, 'nx.json'), JSON.stringify({ plugins, neverConnectToCloud: true }));
}

function measure(...words) {
  console.error(`publish-costs: nx ${words.join(' ')}`);
  return runNx(root, words, environment);
}

function withPrevious(text) {
  return Object.entries(PREVIOUS).reduce((all, [name, version]) => {
    const pin = new RegExp(`^${name}(\\[.*\\])?==.*$`, 'm');
    if (!pin.test(all)) throw new Error(`${requirements} does not pin ${name}`);
    return all.replace(pin, `${name}$1==${version}`);
  }, text);
}
