// Workspaces of the benchmark `scale`: many pins in many reqsets, as `lock` would write them, and the same projects and dependencies from a trivial plugin.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { formatPin, inputsDigest, parsePylock, pinsOf } from '@pinpack/python-dist';
import { readLockInputs } from '../../libs/pinpack-executors/dist/workspace/read-lock-inputs.js';
import { write } from './files.mjs';
import { makeScratchWorkspace } from './workspace-copy.mjs';

const TARGET = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };
const MOST_DEPENDENCIES = 8;

/** @typedef {{ name: string, version: string, dependencies: string[] }} ScalePin */

/**
 * @param {string} root
 * @param {{ sets: number, pins: number }} size - number of reqsets, and of pins in each
 */
export async function makeScaleWorkspace(root, { sets, pins }) {
  makeScratchWorkspace(root, 'scale');
  for (let at = 0; at < sets; at++) await writeReqset(root, `set${at}`, planPins(pins));
}

/** The projects and dependencies of the other workspace, with as many targets and no other content. @param {string} root */
export function makeTrivialWorkspace(root, { sets, pins }) {
  makeScratchWorkspace(root, 'trivial');
  const projects = [];
  for (let at = 0; at < sets; at++) {
    const planned = planPins(pins);
    const nameOf = (/** @type {string} */ name) => `set${at}-wheel-${name}`;
    projects.push(
      ...planned.map(({ name, dependencies }) => {
        const own = `reqsets/set${at}/pins/${name}`;
        write(join(root, own, 'pin.json'), '{}\n');
        return { name: nameOf(name), root: own, dependencies: dependencies.map(nameOf) };
      }),
      { name: `set${at}`, root: `reqsets/set${at}`, dependencies: planned.map(({ name }) => nameOf(name)) },
    );
  }
  write(join(root, 'projects.json'), JSON.stringify(projects));
  write(join(root, 'plugin.cjs'), TRIVIAL_PLUGIN);
  write(join(root, 'nx.json'), JSON.stringify({ plugins: ['./plugin.cjs'], neverConnectToCloud: true }));
}

const TRIVIAL_PLUGIN = `const { readFileSync } = require('node:fs');
const read = (root) => JSON.parse(readFileSync(root + '/projects.json', 'utf8'));
const target = { executor: 'nx:noop', cache: true };
const targets = { wheel: target, rpm: target, delta: target };
exports.createNodesV2 = exports.createNodes = ['projects.json', (files, _options, { workspaceRoot }) => [
  [files[0], { projects: Object.fromEntries(read(workspaceRoot).map(({ name, root }) => [root, { name, targets }])) }],
]];
exports.createDependencies = (_options, { workspaceRoot }) =>
  read(workspaceRoot).flatMap(({ name, dependencies }) =>
    dependencies.map((target) => ({ source: name, target, type: 'implicit' })),
  );
`;

/** Up to eight dependencies each, on earlier pins: a graph without cycles. @param {number} count @returns {ScalePin[]} */
function planPins(count) {
  let state = 42;
  const below = (/** @type {number} */ limit) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * limit);
  };
  return Array.from({ length: count }, (_, at) => {
    const chosen = Array.from({ length: at === 0 ? 0 : below(MOST_DEPENDENCIES) }, () => `pkg-${below(at)}`);
    return { name: `pkg-${at}`, version: `1.${at}.0`, dependencies: [...new Set(chosen)].sort() };
  });
}

async function writeReqset(root, reqset, pins) {
  const folder = `reqsets/${reqset}`;
  write(join(root, folder, 'requirements.txt'), pins.map(({ name, version }) => `${name}==${version}\n`).join(''));
  write(join(root, folder, 'reqset.json'), JSON.stringify(TARGET));
  const lock = formatLock(reqset, pins, inputsDigest(await readLockInputs(root, reqset)));
  write(join(root, folder, 'pylock.toml'), lock);
  for (const pin of pinsOf(parsePylock(lock, `${folder}/pylock.toml`, folder)))
    write(join(root, folder, 'pins', pin.name, 'pin.json'), formatPin(pin));
}

function formatLock(reqset, pins, inputs) {
  const sorted = pins.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const packages = sorted.map(({ name, version, dependencies }) => {
    const file = `${name.replace('-', '_')}-${version}-py3-none-any.whl`;
    const sha256 = createHash('sha256').update(`${reqset} ${name}`).digest('hex');
    return [
      `[[packages]]\nname = "${name}"\nversion = "${version}"\n`,
      ...dependencies.map((each) => `[[packages.dependencies]]\nname = "${each}"\n`),
      `[[packages.wheels]]\nname = "${file}"\npath = "../../dist/wheels/${reqset}/${file}"\nsize = 1000\n`,
      `[packages.wheels.hashes]\nsha256 = "${sha256}"\n`,
      `[packages.tool.pinpack]\nrelease = 1`,
      ...(dependencies.length === 0 ? [] : [`requires = ${JSON.stringify(dependencies)}`]),
      '',
    ].join('\n');
  });
  const head = `lock-version = "1.0"\ncreated-by = "pinpack"\nrequires-python = "==3.11.*"\n`;
  const own = `[tool.pinpack]\npython = "${TARGET.python}"\nplatform = "${TARGET.platform}"\ninputs-sha256 = "${inputs}"\n`;
  return [head, ...packages, own].join('\n');
}
