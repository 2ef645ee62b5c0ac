/** `lock` with the real uv and an index on loopback. */
import { planBuildPolicy } from '../build/build-policy.js';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { IndexClient } from '../index/index-client.js';
import { indexesAt } from '../index/index-configuration.js';
import { EMPTY_RECIPE } from '../lock/build-recipe.js';
import type { LockInputs, SourceTree } from '../lock/inputs.js';
import { formatPylock, parsePylock } from '../lock/pylock.js';
import type { Lock } from '../lock/lock.js';
import { sdistWithBackend } from '../build/sdist.fixture.js';
import { IndexServer, wheelBytes, type Offered } from './index-server.fixture.js';
import type { LockOptions } from './lock-options.js';
import { lockReqset } from './lock-reqset.js';
import { Uv } from '../uv/uv.js';
import { emptyUvCache } from './uv-cache.fixture.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const TARGET = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };
const PLACE = { folder: 'reqsets/demo', wheels: 'dist/wheels/demo' };

const ARRAYS = 'arrays-2.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl';
const OFFERED: Offered[] = [
  { fileName: ARRAYS },
  { fileName: 'arrays-2.0-cp311-cp311-musllinux_1_2_x86_64.whl' },
  { fileName: 'arrays-2.0-cp312-cp312-manylinux_2_28_x86_64.whl' },
  { fileName: 'arrays-1.0-py3-none-any.whl' },
  {
    fileName: 'signal-1.5-py3-none-any.whl',
    requires: ['arrays<3,>=1.5', 'Plots>=1; extra == "plot"', 'winonly; sys_platform == "win32"'],
  },
  { fileName: 'plots-1.1-py3-none-any.whl', requires: ['arrays'], metadata: false },
  { fileName: 'builder-4.0-py3-none-any.whl' },
];

let server: IndexServer | undefined;
let messages: string[] = [];
let cache: string | undefined;
const uvCache = temporaryFolder();

afterEach(() => {
  messages = [];
  server?.stop();
});

interface LockRequest {
  offered?: Offered[];
  sdists?: Record<string, Buffer>;
  builds?: LockInputs['builds'];
  /** The cache of an earlier lock. */
  cache?: string;
  /** The workspace's root. */
  root?: string;
  sources?: SourceTree[];
  target?: typeof TARGET;
  options?: LockOptions;
}

async function lock(
  requirements: string[],
  { offered = OFFERED, sdists, builds = {}, sources = [], target = TARGET, options, ...request }: LockRequest = {},
): Promise<Lock> {
  server = await IndexServer.start(offered, sdists);
  cache = request.cache ?? temporaryFolder();
  emptyUvCache(uvCache);
  process.env.UV_CACHE_DIR = uvCache;
  const tools = {
    uv: await Uv.find(ROOT),
    index: IndexClient.of(indexesAt(server.url)),
    progress: (message: string) => void messages.push(message),
    root: request.root ?? ROOT,
    cache,
    policy: planBuildPolicy(),
  };
  const written = requirements.map((text, line) => ({ text, place: `requirements.txt:${line + 1}` }));
  return lockReqset('demo', { requirements: written, sources, target, builds }, tools, options);
}

async function failureOf(locking: Promise<unknown>): Promise<string> {
  const error = await locking.then(
    () => new Error('was locked'),
    (reason: unknown) => reason,
  );
  expect(error).toHaveProperty('name', 'DistError');
  return (error as Error).message;
}

describe('a lock', () => {
  it('has the closure, the best wheels, active requirements and edges', async () => {
    const { packages } = await lock(['signal==1.5']);
    expect(
      packages.map(({ name, version, requires, dependencies }) => ({ name, version, requires, dependencies })),
    ).toEqual([
      { name: 'arrays', version: '2.0', requires: [], dependencies: [] },
      { name: 'signal', version: '1.5', requires: ['arrays<3,>=1.5'], dependencies: ['arrays'] },
    ]);
    expect(packages[0]?.source).toMatchObject({ kind: 'wheel', wheel: { name: ARRAYS } });
  });

  it('follows extras, and reads METADATA from the wheel if the index has none', async () => {
    const made = await lock(['signal[plot]==1.5']);
    expect(made.packages.map(({ name, extras, requires }) => [name, extras, requires])).toEqual([
      ['arrays', [], []],
      ['plots', [], ['arrays']],
      ['signal', ['plot'], ['arrays<3,>=1.5', 'plots>=1']],
    ]);
    expect(server?.asked).toContain('/files/plots-1.1-py3-none-any.whl');
    // It is the same after formatting and parsing, and names no index.
    const text = formatPylock(made, PLACE);
    expect(parsePylock(text, 'pylock.toml', PLACE.folder)).toEqual(made);
    expect(text).not.toMatch(/https?:/);
  });

  it('reads requirements with known mistakes as uv does', async () => {
    const requires = [
      ...['arrays>=1.0<3', 'arrays!=~5.0', 'arrays (>=1.9.*)', 'arrays!=3.0*', 'arrays>=1,', 'arrays (>dev)'],
      ...["arrays>='1.0'", "arrays>='1.1'; python_version >= '3'", 'arrays>=1.0a1.0'],
    ];
    const { packages } = await lock(['legacy'], {
      offered: [...OFFERED, { fileName: 'legacy-1.0-py3-none-any.whl', requires }],
    });
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(['arrays 2.0', 'legacy 1.0']);
    expect(packages[1]?.requires).toEqual([
      ...['arrays!=3.0.*', 'arrays!=5.0.*', 'arrays<3,>=1.0', 'arrays>0.0.0dev', 'arrays>=1', 'arrays>=1.0'],
      ...['arrays>=1.0a1', 'arrays>=1.1', 'arrays>=1.9'],
    ]);
  });

  it("resolves build requirements of source trees with the reqset's pins", async () => {
    const source = {
      path: 'apps/demo',
      name: 'A_Demo',
      version: '0.1',
      dependencies: ['signal'],
      buildRequires: ['builder', 'arrays'],
    };
    const { packages } = await lock(['arrays==1.0', 'signal'], {
      sources: [source],
      offered: OFFERED.map((wheel) => ({ ...wheel, requires: [] })),
    });
    const demo = packages.find(({ name }) => name === 'a-demo');
    expect(demo).toMatchObject({
      version: '0.1',
      requires: ['signal'],
      dependencies: ['signal'],
      source: { kind: 'directory', path: 'apps/demo' },
    });
    const needed = demo?.source.kind === 'directory' ? demo.source.buildRequires : [];
    expect(needed.map(({ name, version }) => `${name} ${version}`)).toEqual(['arrays 1.0', 'builder 4.0']);
  });

  it('increments the Release only if the bytes of the same version change', async () => {
    const first = await lock(['arrays==2.0']);
    const same = await lock(['arrays==2.0'], { options: { previous: first } });
    expect(same).toEqual(first);
    const rebuilt = await lock(['arrays==2.0'], {
      options: { previous: first },
      offered: [{ fileName: ARRAYS, requires: ['builder; extra == "x"'] }],
    });
    expect(rebuilt.packages.map(({ release }) => release)).toEqual([2]);
  });
});

const FORCED = { ...EMPTY_RECIPE, isForced: true, requires: [] };

describe('a pin without a wheel', () => {
  const sdist = sdistWithBackend('old', '1.0', { requires: ['arrays<2'], added: ['builder>=3'] });
  const found = () => server?.asked.filter((path) => path.endsWith('.tar.gz')) ?? [];

  it('is built from its sdist, with the metadata of its build backend', async () => {
    const { packages } = await lock(['old==1.0'], { sdists: { 'old-1.0.tar.gz': sdist } });
    expect(packages.map(({ name, version, requires }) => [name, version, requires])).toEqual([
      ['arrays', '1.0', []],
      ['old', '1.0', ['arrays<2']],
    ]);
    expect(packages[1]?.source).toMatchObject({
      kind: 'sdist',
      sdist: { name: 'old-1.0.tar.gz', size: sdist.length },
      buildRequires: [{ name: 'builder', version: '4.0' }],
    });
  });

  it('may be a dependency, and is locked at its newest version', async () => {
    const offered = [...OFFERED, { fileName: 'newer-1.0-py3-none-any.whl', requires: ['old'] }];
    const sdists = { 'old-0.9.tar.gz': sdistWithBackend('old', '0.9'), 'old-1.0.tar.gz': sdist };
    const { packages } = await lock(['newer'], { offered, sdists });
    expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(['arrays 1.0', 'newer 1.0', 'old 1.0']);
  });

  it('is inspected once for the same bytes, and its lock is the same after formatting and parsing', async () => {
    const recipe = { environment: { B: '2', A: '1' }, configSettings: { x: ['1', '2'] }, system: ['program:cc'] };
    const request = { builds: { old: { ...FORCED, ...recipe } }, sdists: { 'old-1.0.tar.gz': sdist } };
    const first = await lock(['old==1.0'], request);
    expect(parsePylock(formatPylock(first, PLACE), 'pylock.toml', PLACE.folder)).toEqual(first);
    const asked = found().length;
    expect(asked).toBe(1);
    const facts = cache ?? '';
    server?.stop();
    expect(await lock(['old==1.0'], { ...request, cache: facts })).toEqual(first);
    expect(found()).toHaveLength(0);
  });

  it('has its metadata prepared with the build requirements that the backend adds, in the versions of the pins', async () => {
    const prepare = 'import builder; requires.append("arrays<" + builder.LIMIT)';
    const sdists = { 'old-1.0.tar.gz': sdistWithBackend('old', '1.0', { added: ['builder>=3'], prepare }) };
    const builder = (version: string, limit: string): Offered => ({
      fileName: `builder-${version}-py3-none-any.whl`,
      files: { 'builder/__init__.py': `LIMIT = "${limit}"` },
    });
    const offered = [...OFFERED.slice(0, -1), builder('3.0', '2'), builder('4.0', '3')];
    let facts: string | undefined;
    const requiresOf = async (pin: string) => {
      const { packages } = await lock(['old==1.0', pin], {
        offered,
        sdists,
        ...(facts !== undefined && { cache: facts }),
      });
      server?.stop();
      facts = cache;
      return packages.find(({ name }) => name === 'old')?.requires;
    };
    // The second lock has the cache of the first one.
    expect(await requiresOf('builder==3.0')).toEqual(['arrays<2']);
    expect(await requiresOf('builder==4.0')).toEqual(['arrays<3']);
  });
});

describe('a yanked file', () => {
  it('is only locked for an exact pin, with a warning that gives the reason', async () => {
    const offered = [
      { fileName: 'arrays-2.0-py3-none-any.whl', yanked: 'import \u001b[31mfails' },
      { fileName: 'arrays-1.0-py3-none-any.whl' },
      { fileName: 'plots-1.1-py3-none-any.whl', yanked: true },
    ];
    const warnings = () => messages.filter((message) => message.startsWith('warning:'));
    expect((await lock(['arrays'], { offered })).packages[0]?.version).toBe('1.0');
    expect(warnings()).toEqual([]);
    expect((await lock(['arrays==2.0', 'plots==1.1'], { offered })).packages[0]?.version).toBe('2.0');
    expect(warnings()).toEqual([
      'warning: arrays 2.0 was yanked from the index: import \\u001b[31mfails',
      'warning: plots 1.1 was yanked from the index: without a reason',
    ]);
  });
});

describe('the version of a distribution that is built', () => {
  const sdists = Object.fromEntries(
    ['1.4.1', '1.4.2', '1.5', '2.0'].map((version) => [`old-${version}.tar.gz`, sdistWithBackend('old', version)]),
  );
  const versionsOf = ({ packages }: Lock) => packages.map(({ name, version }) => `${name} ${version}`);

  it('is that of the line whose marker is true', async () => {
    const lines = ['old==1.4.1 ; python_version == "3.11"', 'old==1.5 ; python_version >= "3.13"'];
    expect(versionsOf(await lock(lines, { sdists }))).toEqual(['old 1.4.1']);
    expect(versionsOf(await lock(lines, { sdists, builds: { old: FORCED } }))).toEqual(['old 1.4.1']);
  });

  it('is the newest in the range, also if newer versions have wheels', async () => {
    const offered = [...OFFERED, { fileName: 'old-3.0-py3-none-any.whl' }];
    expect(versionsOf(await lock(['old~=1.4.0'], { sdists, offered }))).toEqual(['old 1.4.2']);
  });

  it('satisfies the requirements of other pins', async () => {
    const offered = [
      ...OFFERED,
      { fileName: 'driver-1.5-py3-none-any.whl', requires: ['old==1.5; extra == "c"'] },
      { fileName: 'driver-2.0-py3-none-any.whl', requires: ['old==2.0; extra == "c"'] },
    ];
    expect(versionsOf(await lock(['driver[c]==1.5'], { sdists, offered }))).toEqual(['driver 1.5', 'old 1.5']);
  });

  it('is an older one if the newest requires what the pins exclude', async () => {
    const newest = sdistWithBackend('old', '3.0', { requires: ['arrays>=2'] });
    const found = await lock(['old', 'arrays<2'], { sdists: { ...sdists, 'old-3.0.tar.gz': newest } });
    expect(versionsOf(found)).toEqual(['arrays 1.0', 'old 2.0']);
  });

  it('uses the wheel if the version that fits has one', async () => {
    const offered = [
      ...OFFERED,
      { fileName: 'old-1.5-py3-none-any.whl', requires: ['builder'] },
      { fileName: 'wants-1.0-py3-none-any.whl', requires: ['old<2', 'younger'] },
    ];
    const more = { ...sdists, 'younger-1.0.tar.gz': sdistWithBackend('younger', '1.0', { requires: ['old==1.5'] }) };
    const { packages } = await lock(['wants'], { offered, sdists: more });
    expect(packages.map(({ name, version, source }) => [name, version, source.kind])).toEqual([
      ['builder', '4.0', 'wheel'],
      ['old', '1.5', 'wheel'],
      ['wants', '1.0', 'wheel'],
      ['younger', '1.0', 'sdist'],
    ]);
  });
});

describe('a pin that has a wheel', () => {
  const sdists = { 'arrays-2.0.tar.gz': sdistWithBackend('arrays', '2.0') };

  it('is used without running its sdist', async () => {
    const { packages } = await lock(['arrays'], { sdists });
    expect(packages[0]?.source.kind).toBe('wheel');
    expect(server?.asked.filter((path) => path.endsWith('.tar.gz'))).toEqual([]);
  });

  it('is built from its sdist if the settings require it', async () => {
    const { packages } = await lock(['signal'], { sdists, builds: { arrays: FORCED } });
    expect(packages.map(({ name, source }) => [name, source.kind])).toEqual([
      ['arrays', 'sdist'],
      ['signal', 'wheel'],
    ]);
  });

  it('must be a pin if the settings name it', async () => {
    expect(await failureOf(lock(['arrays'], { sdists, builds: { arays: FORCED } }))).toContain(
      '"build" in reqset.json names arays, which is not a pin of this reqset',
    );
  });
});

describe('a package that is compiled against a pin', () => {
  const source = {
    path: 'apps/demo',
    name: 'demo',
    version: '1.0',
    dependencies: ['arrays'],
    buildRequires: ['arrays'],
  };
  const arrays = (version: string, header: string): Offered => ({
    fileName: `arrays-${version}-py3-none-any.whl`,
    files: { 'arrays/include/arrays.h': header, 'arrays/more.py': version },
  });
  const builtWith = ({ packages }: Lock) => {
    const found = packages.find(({ name }) => name === 'demo')?.source;
    return found?.kind === 'directory' ? found.buildRequires.map(({ version }) => version) : [];
  };
  const lockWith = (version: string, header: string, previous?: Lock) =>
    lock([`arrays==${version}`], {
      sources: [source],
      offered: [arrays('2.0', 'one'), arrays(version, header)],
      options: previous === undefined ? {} : { previous },
    });

  it('is not rebuilt while the files for compilers are unchanged', async () => {
    const first = await lockWith('2.0', 'one');
    const second = await lockWith('2.1', 'one', first);
    expect(builtWith(second)).toEqual(['2.0']);
    expect(second.packages.map(({ name, version, release }) => `${name} ${version}-${release}`)).toEqual([
      'arrays 2.1-1',
      'demo 1.0-1',
    ]);
  });

  it('is rebuilt if a header changes', async () => {
    const second = await lockWith('2.1', 'two', await lockWith('2.0', 'one'));
    expect(builtWith(second)).toEqual(['2.1']);
    expect(second.packages.at(-1)).toMatchObject({ name: 'demo', release: 2 });
  });
});

describe('a wheel of the workspace', () => {
  const fileName = 'arrays-2.5-py3-none-any.whl';

  function lockWith(name: string, target = TARGET): Promise<Lock> {
    const root = temporaryFolder();
    const data = wheelBytes({ fileName: name, requires: ['builder'] });
    writeFileSync(join(root, name), data);
    const wheel = { path: name, sha256: createHash('sha256').update(data).digest('hex') };
    return lock(['arrays'], { root, target, builds: { arrays: { ...FORCED, isForced: false, wheel } } });
  }

  it('replaces those of the index, with its dependencies', async () => {
    const made = await lockWith(fileName);
    expect(made.packages.map(({ name, version, source }) => [name, version, source.kind])).toEqual([
      ['arrays', '2.5', 'prebuilt'],
      ['builder', '4.0', 'wheel'],
    ]);
    expect(parsePylock(formatPylock(made, PLACE), 'pylock.toml', PLACE.folder)).toEqual(made);
  });

  it('is rejected if its name differs or it is incompatible', async () => {
    expect(await failureOf(lockWith('signal-2.5-py3-none-any.whl'))).toContain('is a wheel of signal, expected arrays');
    expect(await failureOf(lockWith('arrays-2.5-cp39-cp39-linux_x86_64.whl'))).toContain(
      'is not compatible with Python 3.11.2',
    );
  });
});

describe('a lock that cannot be made', () => {
  it('reports the line of a pin that no index has', async () => {
    expect(await failureOf(lock(['arrays==2.0', 'nosuchthing==1.0']))).toBe(
      'demo: requirements.txt:2: nosuchthing==1.0: the index has no project nosuchthing\n  Check the spelling and the index that pip or uv is configured with.',
    );
  });

  it('reports the line of an unknown version, and the known ones', async () => {
    expect(await failureOf(lock(['arrays==9']))).toBe(
      'demo: requirements.txt:1: arrays==9: the index has no such version\n  newest versions on the index: 2.0, 1.0\n  Pin arrays==2.0, with which the set resolves.',
    );
  });

  it('reports all such lines', async () => {
    const message = await failureOf(lock(['arrays==9', 'nosuchthing==1.0']));
    expect(message).toContain('demo: 2 problems');
  });

  it('reports conflicting pins, their lines and requirements', async () => {
    const message = await failureOf(lock(['signal==1.5', 'arrays==1.0', 'builder==4.0']));
    expect(message.split('\n')).toEqual([
      'demo: the requirements conflict',
      '  requirements.txt:1: signal==1.5',
      '  requirements.txt:2: arrays==1.0',
      expect.stringMatching(/^ {2}Because .*signal.* depends? on arrays>=1.5,<3 and you require signal==1.5, /),
      expect.stringMatching(/^ {2}And because you require arrays==1.0, /),
      '  With one of these changes the set resolves: change requirements.txt:2 to arrays==2.0.',
    ]);
  });

  it('names the active lines of a conflict, also those of ranges, and no pin that is built', async () => {
    const lines = ['gone==1.0 ; python_version < "3.11"', 'old==1.0', 'builder', 'signal~=1.5', 'arrays<1.5'];
    const message = await failureOf(lock(lines, { sdists: { 'old-1.0.tar.gz': sdistWithBackend('old', '1.0') } }));
    expect(message.split('\n').slice(0, 3)).toEqual([
      'demo: the requirements conflict',
      '  requirements.txt:4: signal~=1.5',
      '  requirements.txt:5: arrays<1.5',
    ]);
    expect(message).not.toMatch(/gone|old|builder/);
  });

  it('reports what a distribution requires that is built', async () => {
    const old = sdistWithBackend('old', '1.0', { requires: ['arrays>=2'] });
    const message = await failureOf(lock(['old==1.0', 'arrays==1.0'], { sdists: { 'old-1.0.tar.gz': old } }));
    expect(message.split('\n').slice(0, 3)).toEqual([
      'demo: the requirements conflict',
      '  requirements.txt:1: old==1.0',
      '  requirements.txt:2: arrays==1.0',
    ]);
    expect(message).toContain('arrays>=2');
  });

  it('advises to build, to take another version, or another platform', async () => {
    const offered = [
      { fileName: 'arrays-2.0-cp311-cp311-manylinux_2_34_x86_64.whl' },
      { fileName: 'arrays-1.9-cp311-cp311-manylinux_2_17_x86_64.whl' },
      { fileName: 'arrays-3.0rc1-cp311-cp311-manylinux_2_17_x86_64.whl' },
    ];
    const sdists = { 'arrays-2.0.tar.gz': sdistWithBackend('arrays', '2.0') };
    expect((await failureOf(lock(['arrays==2.0'], { offered, sdists }))).split('\n').at(-1)).toBe(
      '  Build it from source: "build": {"arrays": {"from": "sdist"}} in reqset.json, or pin arrays==1.9, which has a compatible wheel and fits the set, or set "platform" in reqset.json to one of these if your servers support it.',
    );
    const others = {
      offered: [...offered, { fileName: 'signal-1.5-py3-none-any.whl', requires: ['arrays>=2'] }],
      sdists,
    };
    const next = (await failureOf(lock(['arrays==2.0', 'signal==1.5'], others))).split('\n').at(-1);
    expect(next).toContain('Build it from source');
    expect(next).not.toContain('pin arrays==');
  });

  it('advises a version that fits the set, which need not be the newest', async () => {
    const offered = [
      { fileName: 'arrays-2.0-cp311-cp311-manylinux_2_34_x86_64.whl' },
      { fileName: 'arrays-1.9-cp311-cp311-manylinux_2_17_x86_64.whl' },
      { fileName: 'arrays-1.8-cp311-cp311-manylinux_2_17_x86_64.whl' },
      { fileName: 'signal-1.5-py3-none-any.whl', requires: ['arrays!=1.9'] },
    ];
    expect(await failureOf(lock(['arrays==2.0', 'signal==1.5'], { offered }))).toContain('Pin arrays==1.8, which');
    expect(await failureOf(lock(['arrays==9.0', 'signal==1.5'], { offered }))).toContain(
      'newest versions on the index: 2.0, 1.9, 1.8\n  Pin arrays==1.8, with which the set resolves.',
    );
  });

  it('reports the platforms that a pin has wheels for', async () => {
    const offered = [{ fileName: 'arrays-2.0-cp311-cp311-manylinux_2_28_x86_64.whl' }];
    expect(
      await failureOf(lock(['arrays==2.0'], { offered, target: { ...TARGET, platform: 'manylinux2014_x86_64' } })),
    ).toBe(
      [
        'demo: requirements.txt:1: arrays==2.0: no wheel is compatible with Python 3.11.2 on manylinux2014_x86_64',
        '  its wheels are for manylinux_2_28_x86_64: they need glibc 2.28, but manylinux2014_x86_64 has 2.17',
        '  Set "platform" in reqset.json to one of these if your servers support it.',
      ].join('\n'),
    );
  });

  it('reports a version that has no wheel for the Python', async () => {
    const offered = [{ fileName: 'arrays-2.0-cp312-cp312-manylinux_2_28_x86_64.whl' }];
    expect(await failureOf(lock(['arrays==2.0'], { offered }))).toContain('its wheels are for cp312');
  });
});
