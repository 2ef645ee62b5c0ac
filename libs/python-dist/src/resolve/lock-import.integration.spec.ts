/** `lock --from` imports another tool's lock. Uses the real uv and an index on loopback. */
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { planBuildPolicy } from '../build/build-policy.js';
import { DistError } from '../dist-error.js';
import { IndexClient } from '../index/index-client.js';
import { indexesAt } from '../index/index-configuration.js';
import { parseForeignLock } from '../lock/foreign/parse-foreign-lock.js';
import type { LockInputs } from '../lock/inputs.js';
import type { Lock } from '../lock/lock.js';
import { IndexServer, type Offered } from './index-server.fixture.js';
import { lockReqset } from './lock-reqset.js';
import { Uv } from '../uv/uv.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const TARGET = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };

const OFFERED: Offered[] = [
  { fileName: 'signal-1.0-py3-none-any.whl', requires: ['arrays<3', 'Plots>=1; extra == "plot"'] },
  { fileName: 'signal-2.0-py3-none-any.whl', requires: ['arrays'] },
  { fileName: 'arrays-1.0-py3-none-any.whl' },
  { fileName: 'arrays-1.0.0-cp311-cp311-manylinux_2_17_x86_64.whl' },
  { fileName: 'arrays-3.0-py3-none-any.whl' },
  { fileName: 'plots-1.0-py3-none-any.whl', requires: ['arrays'] },
  { fileName: 'builder-1.0-py3-none-any.whl' },
];

let server: IndexServer | undefined;
afterEach(() => server?.stop());

interface Imported {
  lock: Lock;
  progress: string[];
}

async function importPins(pins: string[], requirements: string[], more: Partial<LockInputs> = {}): Promise<Imported> {
  server = await IndexServer.start(OFFERED);
  const progress: string[] = [];
  const tools = {
    uv: await Uv.find(ROOT),
    index: IndexClient.of(indexesAt(server.url)),
    progress: (line: string) => progress.push(line),
    root: ROOT,
    cache: tmpdir(),
    policy: planBuildPolicy(),
  };
  const written = requirements.map((text, at) => ({ text, place: `requirements.txt:${at + 1}` }));
  const inputs = { requirements: written, sources: [], target: TARGET, ...more };
  const imported = parseForeignLock(pins.join('\n'), 'locked.txt');
  return { lock: await lockReqset('demo', inputs, tools, { imported }), progress };
}

async function issuesOf(importing: Promise<unknown>): Promise<string[]> {
  const error = await importing.catch((reason: unknown) => reason);
  return error instanceof DistError ? error.issues.map(({ message }) => message.split('\n')[0] ?? '') : [];
}

describe('an imported lock', () => {
  it('has the same versions, with chosen wheels and edges', async () => {
    const { lock } = await importPins(['signal==1.0', 'arrays==1.0', 'plots==1.0'], ['signal[plot]']);
    expect(
      lock.packages.map(({ name, version, extras, requires, source }) => [
        `${name} ${version}`,
        extras,
        requires,
        source.kind === 'wheel' ? source.wheel.name : '',
      ]),
    ).toEqual([
      ['arrays 1.0', [], [], 'arrays-1.0.0-cp311-cp311-manylinux_2_17_x86_64.whl'],
      ['plots 1.0', [], ['arrays'], 'plots-1.0-py3-none-any.whl'],
      ['signal 1.0', ['plot'], ['arrays<3', 'plots>=1'], 'signal-1.0-py3-none-any.whl'],
    ]);
  });

  it('has only files with hashes of the other lock', async () => {
    const { lock } = await importPins(['arrays==1.0'], ['arrays']);
    server?.stop();
    const page = lock.packages[0]?.source;
    const best = page?.kind === 'wheel' ? page.wheel.sha256 : '';
    const again = await importPins([`arrays==1.0 --hash=sha256:${best}`], ['arrays']);
    expect(again.lock).toEqual(lock);
    server?.stop();
    expect(await issuesOf(importPins([`arrays==1.0 --hash=sha256:${'0'.repeat(64)}`], ['arrays']))).toEqual([
      'arrays==1.0: no wheel for the target has one of the given hashes',
    ]);
  });

  it('ignores packages that nothing requires, and reports them', async () => {
    const { lock, progress } = await importPins(['signal==1.0', 'arrays==1.0', 'builder==1.0'], ['signal']);
    expect(lock.packages.map(({ name }) => name)).toEqual(['arrays', 'signal']);
    expect(progress).toContain('ignored, because nothing requires them: builder 1.0');
  });

  it('has source trees of the workspace in addition to the pins', async () => {
    const source = {
      path: 'apps/demo',
      name: 'demo',
      version: '1',
      dependencies: ['signal'],
      buildRequires: ['builder'],
    };
    const pins = ['demo @ file:///somewhere', 'signal==1.0', 'arrays==1.0'];
    const { lock } = await importPins(pins, [], { sources: [source] });
    expect(lock.packages.map(({ name, dependencies }) => [name, dependencies])).toEqual([
      ['arrays', []],
      ['demo', ['signal']],
      ['signal', ['arrays']],
    ]);
  });

  it('is rejected with all issues if its pins conflict or are missing', async () => {
    expect(await issuesOf(importPins(['signal==1.0', 'arrays==3.0'], ['signal[plot]', 'arrays<2']))).toEqual([
      'demo requires arrays<2, but the lock has arrays 3.0',
      'signal requires arrays<3, but the lock has arrays 3.0',
      'signal requires plots>=1, but the lock does not contain plots',
    ]);
  });

  it('is rejected if a pin violates a constraint', async () => {
    const constraints = [
      { text: 'arrays<1', place: 'constraints.txt:1' },
      { text: 'plots<1', place: 'constraints.txt:2' },
    ];
    expect(await issuesOf(importPins(['signal==1.0', 'arrays==1.0'], ['signal'], { constraints }))).toEqual([
      'constraints.txt requires arrays<1, but the lock has arrays 1.0',
    ]);
  });

  it('is rejected if the index does not have its pins', async () => {
    expect(await issuesOf(importPins(['signal==1.7', 'nosuch==1'], ['signal']))).toEqual([
      'locked.txt:1: signal==1.7: the index has no such version',
      'locked.txt:2: nosuch==1: the index has no project nosuch',
    ]);
  });
});
