/** Errors of `lock` about the target: incompatible wheels, unknown Pythons, and those that uv cannot resolve for. Uses the real uv and `packaging`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '@pinpack/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planBuildPolicy } from '../build/build-policy.js';
import { DistError } from '../dist-error.js';
import { IndexClient } from '../index/index-client.js';
import { indexesAt } from '../index/index-configuration.js';
import type { LockInputs } from '../lock/inputs.js';
import { parseForeignLock } from '../lock/foreign/parse-foreign-lock.js';
import type { Lock } from '../lock/lock.js';
import { checkPython } from './check-target.js';
import { uvPlatform } from '../uv/target-python.js';
import { chooseWheels } from '../uv/evaluate.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { IndexServer, type Offered } from './index-server.fixture.js';
import { lockReqset } from './lock-reqset.js';
import { Uv } from '../uv/uv.js';
import { emptyUvCache } from './uv-cache.fixture.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const TARGET = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };
const PYTHON2 = { python: '2.7.18', platform: 'manylinux_2_28_x86_64' };

let server: IndexServer | undefined;
const uvCache = temporaryFolder();
let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'pinpack-uv-'));
  emptyUvCache(uvCache);
  process.env.UV_CACHE_DIR = uvCache;
});
afterEach(() => {
  server?.stop();
  Reflect.deleteProperty(process.env, 'UV_CACHE_DIR');
  rmSync(cache, { recursive: true, force: true });
});

interface LockRequest {
  offered: string[] | Offered[];
  target?: Partial<TargetEnvironment>;
  sources?: LockInputs['sources'];
  /** The text of a requirements.txt with all pins. */
  imported?: string;
}

async function lock(requirements: string[], { offered, target, sources = [], imported }: LockRequest): Promise<Lock> {
  server = await IndexServer.start(offered.map((wheel) => (typeof wheel === 'string' ? { fileName: wheel } : wheel)));
  const clients = { uv: await Uv.find(ROOT), index: IndexClient.of(indexesAt(server.url)) };
  const tools = { ...clients, progress: () => undefined, root: ROOT, cache, policy: planBuildPolicy() };
  const written = requirements.map((text, line) => ({ text, place: `requirements.txt:${line + 1}` }));
  const inputs = { requirements: written, sources, target: { ...TARGET, ...target } };
  return lockReqset('demo', inputs, tools, {
    imported: imported === undefined ? undefined : parseForeignLock(imported, 'requirements.txt'),
  });
}

async function failureOf(locking: Promise<unknown>): Promise<string> {
  const error = await locking.catch((reason: unknown) => reason);
  if (error instanceof DistError) return error.message;
  throw new Error('was locked');
}

function wheelsOf({ packages }: Lock): string[] {
  return packages.map(({ source }) => (source.kind === 'wheel' ? source.wheel.name : source.kind));
}

describe('an incompatible wheel', () => {
  const found = (platform: string) =>
    `demo: requirements.txt:1: arrays==2.0: no wheel is compatible with Python 3.11.2 on ${platform}`;

  it('of a newer glibc is reported with its platforms', async () => {
    const offered = [
      'arrays-2.0-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl',
      'arrays-2.0-cp312-cp312-manylinux_2_17_x86_64.whl',
      'arrays-2.0-cp311-cp311-musllinux_1_2_x86_64.whl',
    ];
    const platform = 'manylinux_2_26_x86_64';
    expect(await failureOf(lock(['arrays==2.0'], { offered, target: { platform } }))).toBe(
      [
        found(platform),
        'its wheels are for manylinux_2_27_x86_64, manylinux_2_28_x86_64: they need glibc 2.27, but manylinux_2_26_x86_64 has 2.26',
        'Set "platform" in reqset.json to one of these if your servers support it.',
      ].join('\n  '),
    );
  });

  it('for musl is reported with the reason', async () => {
    const offered = ['arrays-2.0-cp311-cp311-musllinux_1_2_x86_64.whl', 'arrays-2.0-cp311-cp311-win_amd64.whl'];
    expect(await failureOf(lock(['arrays==2.0'], { offered }))).toBe(
      [
        found(TARGET.platform),
        'it has no wheel for x86_64 with glibc: its musllinux wheels are for systems without glibc, such as Alpine',
        'No other version on the index has a compatible wheel and fits the set.',
      ].join('\n  '),
    );
  });

  it('for another machine is reported with its platforms', async () => {
    const offered = ['arrays-2.0-cp311-cp311-manylinux_2_17_x86_64.whl'];
    const platform = 'manylinux_2_28_aarch64';
    expect(await failureOf(lock(['arrays==2.0'], { offered, target: { platform } }))).toBe(
      [
        found(platform),
        'it has no wheel for aarch64 with glibc: its wheels are for manylinux_2_17_x86_64',
        'No other version on the index has a compatible wheel and fits the set.',
      ].join('\n  '),
    );
  });

  it('for another Python is reported with its tags, stable and free-threaded ABIs included', async () => {
    const offered = [
      'arrays-2.0-cp312-abi3-manylinux_2_17_x86_64.whl',
      'arrays-2.0-cp313-cp313t-manylinux_2_17_x86_64.whl',
      'arrays-2.0-cp310-cp310-manylinux_2_17_x86_64.whl',
    ];
    expect(await failureOf(lock(['arrays==2.0'], { offered }))).toContain(
      'its wheels are for cp310, cp312-abi3, cp313-cp313t',
    );
  });
});

describe('a Python without the GIL', () => {
  it('has its own wheels', async () => {
    const offered = [
      'arrays-2.0-cp313-cp313-manylinux_2_17_x86_64.whl',
      'arrays-2.0-cp313-cp313t-manylinux_2_17_x86_64.whl',
      'pure-1.0-py3-none-any.whl',
    ];
    const { packages } = await lock(['arrays', 'pure'], { offered, target: { python: '3.13.5t' } });
    expect(packages.map(({ source }) => source.kind === 'wheel' && source.wheel.name)).toEqual([
      'arrays-2.0-cp313-cp313t-manylinux_2_17_x86_64.whl',
      'pure-1.0-py3-none-any.whl',
    ]);
  });
});

describe('another machine', () => {
  it('has its own wheels and markers', async () => {
    const offered: Offered[] = [
      {
        fileName: 'arrays-2.0-cp311-cp311-manylinux_2_17_aarch64.whl',
        requires: ['armonly; platform_machine == "aarch64"', 'intelonly; platform_machine == "x86_64"'],
      },
      { fileName: 'arrays-2.0-cp311-cp311-manylinux_2_17_x86_64.whl' },
      { fileName: 'armonly-1.0-py3-none-any.whl' },
    ];
    const platform = 'manylinux_2_28_aarch64';
    const { packages } = await lock(['arrays'], { offered, target: { platform } });
    expect(packages.map(({ name, dependencies }) => [name, dependencies])).toEqual([
      ['armonly', []],
      ['arrays', ['armonly']],
    ]);
  });
});

describe('the chosen wheel', () => {
  const candidates = (...tags: string[]) => ({ a: tags.map((tag) => `a-1-${tag}.whl`) });

  it.each([
    ['2.7.18', 'cp27-cp27mu-manylinux1_x86_64', ['cp27-cp27m-manylinux1_x86_64', 'cp27-none-any', 'py3-none-any']],
    ['3.6.15', 'cp36-cp36m-manylinux1_x86_64', ['cp36-cp36-manylinux1_x86_64', 'cp35-abi3-manylinux1_x86_64']],
    ['3.7.16', 'cp37-cp37m-manylinux1_x86_64', ['cp37-cp37-manylinux1_x86_64', 'py3-none-any']],
    ['3.8.18', 'cp38-cp38-manylinux2014_x86_64', ['cp38-cp38m-manylinux2014_x86_64', 'py3-none-any']],
    ['3.13.0', 'cp313-cp313-manylinux_2_28_x86_64', ['cp313-cp313t-manylinux_2_28_x86_64', 'py3-none-any']],
  ])('for Python %s is %s', async (python, best, others) => {
    const uv = await Uv.find(ROOT);
    const chosen = await chooseWheels(uv, { ...TARGET, python }, candidates(...others, best));
    expect(chosen.a).toBe(`a-1-${best}.whl`);
  });

  it.each(['manylinux2014_x86_64', 'manylinux_2_17_x86_64'])('on %s is the same under both spellings', async (tag) => {
    const uv = await Uv.find(ROOT);
    const names = ['cp311-cp311-manylinux2014_x86_64', 'py3-none-manylinux1_x86_64', 'py3-none-linux_x86_64'];
    const choose = (...tags: string[]) => chooseWheels(uv, { ...TARGET, platform: tag }, candidates(...tags));
    for (const name of names) expect((await choose(name)).a).toBe(`a-1-${name}.whl`);
    expect((await choose('cp311-cp311-manylinux_2_28_x86_64')).a).toBeNull();
  });
});

describe('the platform of uv', () => {
  it.each(['manylinux1_x86_64', 'manylinux_2_26_aarch64', 'manylinux_2_34_x86_64', 'manylinux_2_99_x86_64'])(
    'for %s is one that it knows',
    async (platform) => {
      const uv = await Uv.find(ROOT);
      const words = ['pip', 'compile', '--quiet', '--no-config', '--python-platform', uvPlatform(platform), '-'];
      const { stderr, failed } = await uv.run(words, { input: '' });
      expect(failed, stderr).toBe(false);
    },
  );
});

describe('a platform that uv has no name for', () => {
  it.each(['s390x', 'ppc64le', 'riscv64'])('%s: gets its own wheels, and its own markers', async (machine) => {
    // uv knows no older wheels for riscv64.
    const tag = (of: string) => `cp311-cp311-manylinux_2_27_${of}.manylinux_2_31_${of}`;
    const own = `native-1.0-${tag(machine)}.whl`;
    const offered = [
      own,
      `native-1.0-${tag('x86_64')}.whl`,
      // Too new for the platform.
      `native-1.1-cp311-cp311-manylinux_2_39_${machine}.whl`,
      'here-1.0-py3-none-any.whl',
      'elsewhere-1.0-py3-none-any.whl',
    ];
    const marked = [`here; platform_machine == '${machine}'`, "elsewhere; platform_machine == 'x86_64'"];
    const target = { platform: `manylinux_2_34_${machine}` };
    const { packages } = await lock(['native==1.0', ...marked], { offered, target });
    expect(packages.map(({ name }) => name)).toEqual(['here', 'native']);
    expect(packages[1]?.source).toMatchObject({ kind: 'wheel', wheel: { name: own } });
    const message = await failureOf(lock(['native==1.1'], { offered, target }));
    expect(message).toContain('they need glibc 2.39, but');
  });
});

describe('an unknown Python', () => {
  it('is rejected with the newest version that uv knows', async () => {
    const message = await failureOf(
      lock(['pure'], { offered: ['pure-1.0-py3-none-any.whl'], target: { python: '3.99.0' } }),
    );
    expect(message).toMatch(
      /^Python 3\.99\.0: uv does not know Python 3\.99, expected 3\.\d+ or older\n {2}Correct "python" in reqset\.json/,
    );
  });

  it('is a warning if only the patch version is newer', async () => {
    const uv = await Uv.find(ROOT);
    expect(await checkPython(uv, { ...TARGET, python: '3.11.99' })).toMatch(
      /^Python 3\.11\.99: the newest 3\.11 that uv knows is 3\.11\.\d+\./,
    );
    for (const python of ['3.6.15', '3.8.18', '3.11.2', '3.12.1'])
      expect(await checkPython(uv, { ...TARGET, python })).toBeUndefined();
  });
});

describe('a lock for Python 2.7, which uv does not resolve for,', () => {
  const offered: Offered[] = [
    { fileName: 'arrays-1.16.6-cp27-cp27mu-manylinux1_x86_64.whl' },
    { fileName: 'arrays-1.16.6-cp27-cp27m-manylinux1_x86_64.whl' },
    {
      fileName: 'signal-1.2.3-cp27-cp27mu-manylinux1_x86_64.whl',
      requires: ['arrays>=1.8', 'enum34>=1; python_version < "3.4"', 'new; python_version >= "3"'],
    },
    { fileName: 'enum34-1.1.10-py2-none-any.whl' },
    { fileName: 'new-1.0-py3-none-any.whl' },
  ];
  const PINS = [
    'signal==1.2.3',
    'arrays==1.16.6',
    'enum34==1.1.10; python_version < "3.4"',
    'new==1.0; python_version >= "3"',
  ];

  const text = PINS.join('\n');

  it('is imported, with the wheels and edges of that Python', async () => {
    const made = await lock(PINS, { offered, target: PYTHON2, imported: text });
    expect(wheelsOf(made)).toEqual([
      'arrays-1.16.6-cp27-cp27mu-manylinux1_x86_64.whl',
      'enum34-1.1.10-py2-none-any.whl',
      'signal-1.2.3-cp27-cp27mu-manylinux1_x86_64.whl',
    ]);
    expect(made.packages.at(-1)).toMatchObject({
      requires: ['arrays>=1.8', 'enum34>=1'],
      dependencies: ['arrays', 'enum34'],
    });
  });

  it('reports missing pins for that Python’s markers', async () => {
    const pins = PINS.filter((pin) => !pin.startsWith('enum34'));
    const request = { offered, target: PYTHON2, imported: pins.join('\n') };
    expect(await failureOf(lock(pins, request))).toContain(
      'signal requires enum34>=1, but the lock does not contain enum34',
    );
  });

  it('reports a version without a compatible wheel', async () => {
    const wheels = ['arrays-2.0-cp311-cp311-manylinux1_x86_64.whl', 'arrays-2.0-cp27-cp27m-manylinux1_x86_64.whl'];
    const request = { offered: wheels, target: PYTHON2, imported: 'arrays==2.0' };
    expect(await failureOf(lock(['arrays==2.0'], request))).toBe(
      [
        'demo: requirements.txt:1: arrays==2.0: no wheel is compatible with Python 2.7.18 on manylinux_2_28_x86_64',
        'its wheels are for cp27-cp27m, cp311',
        'Change "python" in reqset.json.',
      ].join('\n  '),
    );
  });

  it('reports that it can be imported', async () => {
    expect(await failureOf(lock(PINS, { offered, target: PYTHON2 }))).toBe(
      [
        'demo: uv cannot resolve for Python 2.7.18, expected 3.6 or later',
        'Import a lock of another tool that has the exact versions of all packages.',
      ].join('\n  '),
    );
  });

  it('takes the build requirements of source trees from the pins, with what they require', async () => {
    const source = { path: 'apps/demo', name: 'demo', version: '1', dependencies: [] };
    const buildRequires = ['signal', 'new; python_version >= "3"'];
    const made = await lock(PINS, {
      offered,
      target: PYTHON2,
      sources: [{ ...source, buildRequires }],
      imported: text,
    });
    const demo = made.packages.find(({ name }) => name === 'demo')?.source;
    const locked =
      demo?.kind === 'directory' ? demo.buildRequires.map(({ name, version }) => `${name} ${version}`) : [];
    expect(locked).toEqual(['arrays 1.16.6', 'enum34 1.1.10', 'signal 1.2.3']);
  });

  it('reports all build requirements that are not pinned', async () => {
    const source = { path: 'apps/demo', name: 'demo', version: '1', dependencies: [] };
    const sources = [{ ...source, buildRequires: ['wheel<0.38', 'arrays<1'] }];
    const failure = await failureOf(lock(PINS, { offered, target: PYTHON2, sources, imported: text }));
    expect(failure).toContain('requires wheel, but it is not pinned');
    expect(failure).toContain('requires arrays, but pinned is 1.16.6');
    expect(failure).toContain('uv does not resolve for Python 2.7.18: add a version of wheel that fits');
  });
});
