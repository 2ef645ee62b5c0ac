/** Deltas and repositories of a set over several releases, with the real deltarpm, createrepo_c and gpg. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import { parseRepositoryRecord } from '@pinpack/rpm-repo';
import { execa } from 'execa';
import { afterEach, describe, expect, it, vi, type TestContext } from 'vitest';
import { needProgram } from '@pinpack/testing';
import { countingSigner, SamplePublication, SET, wheelRpm, writeRpm } from './publication.fixture.js';
import type { PublishTools } from './publish-tools.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { DeltaRun } from './delta-run.js';
import { makeRepository } from './make-repository.js';

const ENVIRONMENT = { SOURCE_DATE_EPOCH: '1700000000' };
const FOLDER = `dist/repo/${SET}`;

async function needPrograms(context: TestContext): Promise<void> {
  await needProgram(context, 'createrepo_c', '--version');
  await needProgram(context, 'sh', '-c', 'command -v makedeltarpm applydeltarpm');
}

function makeRepo({ root }: SamplePublication, tools: PublishTools): Promise<string> {
  return makeRepository({ root, set: SET, vendor: 'us', tools, environment: ENVIRONMENT });
}

/** What the run tells of each RPM. */
async function makeDeltas(release: SamplePublication, tools: PublishTools, ...pins: string[]): Promise<string[]> {
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const { root, store } = release;
    const run = new DeltaRun({ root, tools, store: Promise.resolve(store) }, pins.length);
    await Promise.all(pins.map((pin) => run.make({ reqset: SET, name: `${SET}-wheel-${pin}` })));
    const lines = told.mock.calls.map(([line]) => String(line).trim());
    return pins.flatMap((pin) => lines.filter((line) => line.startsWith(`${SET}-wheel-${pin}:`)));
  } finally {
    told.mockRestore();
  }
}

/** sha256 of each file. */
async function bytesOf(release: SamplePublication): Promise<Record<string, string>> {
  const folder = join(release.root, FOLDER);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path.slice(folder.length + 1), await sha256OfFile(path)] as const)),
  );
}

function recordOf({ root }: SamplePublication) {
  const file = join(root, FOLDER, 'repository.json');
  return parseRepositoryRecord(readFileSync(file, 'utf8'), file);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

function writeDamage(file: string): void {
  writeFileSync(file, 'damage');
}

describe('a repository', () => {
  it('has the RPMs of the lock and those of pinpack, and stays as it is while nothing changes', async (context) => {
    await needPrograms(context);
    const release = await SamplePublication.make({ tiny: '1.0.0', six: '1.17.0' });
    const tools = release.tools({}, { publication: undefined });
    expect(await makeRepo(release, tools)).toMatch(/^demo: dist\/repo\/demo, 4 packages \(\d+\.\d kB\), not signed$/);
    const names = recordOf(release).packages.map(({ name }) => name);
    expect(names).toEqual(['demo-wheel-six', 'demo-wheel-tiny', 'pinpack-runtime', 'pinpack-wheelhouse']);
    const { ino } = statSync(join(release.root, FOLDER));
    expect(await makeRepo(release, tools)).toMatch(/^demo: dist\/repo\/demo, unchanged: 4 packages/);
    expect(statSync(join(release.root, FOLDER)).ino).toBe(ino);
  });

  it('has the same bytes in another workspace, at another time, and is for all to read under any umask', async (context) => {
    await needPrograms(context);
    const [one, two] = [
      await SamplePublication.make({ tiny: '1.0.0' }),
      await SamplePublication.make({ tiny: '1.0.0' }),
    ];
    const rpms = join(two.root, reqsetPaths(SET).rpms);
    for (const name of readdirSync(rpms)) utimesSync(join(rpms, name), 1, 1);
    await makeRepo(one, one.tools({}, { publication: undefined }));
    const umask = process.umask(0o077);
    try {
      await makeRepo(two, two.tools({}, { publication: undefined }));
    } finally {
      process.umask(umask);
    }
    expect(await bytesOf(two)).toEqual(await bytesOf(one));
    const modes = await execa('find', [join(two.root, FOLDER), '-printf', '%m %y\\n']);
    expect([...new Set(modes.stdout.split('\n'))].sort()).toEqual(['644 f', '755 d']);
  });

  it.each([
    ['lost a file', rmSync],
    ['was written to', writeDamage],
  ])('is made again when it %s, and what a killed run left is removed', async (_title, damage) => {
    const release = await SamplePublication.make({ tiny: '1.0.0' });
    const tools = release.tools({}, { publication: undefined });
    await makeRepo(release, tools);
    const before = await bytesOf(release);
    damage(join(release.root, FOLDER, 'packages/demo-wheel-tiny-1.0.0-1.noarch.rpm'));
    mkdirSync(join(release.root, 'dist/repo', `.${SET}.next.killed`));
    expect(await makeRepo(release, tools)).not.toContain('as it was');
    expect(await bytesOf(release)).toEqual(before);
    expect(readdirSync(join(release.root, 'dist/repo'))).toEqual([SET]);
  });

  it('stays when the next one fails', async (context) => {
    await needPrograms(context);
    const release = await SamplePublication.make({ tiny: '1.0.0' });
    const tools = release.tools({}, { publication: undefined });
    await makeRepo(release, tools);
    const before = await bytesOf(release);
    await writeRpm(join(release.root, reqsetPaths(SET).rpms), wheelRpm('tiny', '1.0.0', 'other'));
    const bin = mkdtempSync(join(release.root, 'bin-'));
    writeFileSync(join(bin, 'createrepo_c'), '#!/bin/sh\necho no space >&2; exit 1\n');
    chmodSync(join(bin, 'createrepo_c'), 0o755);
    vi.stubEnv('PATH', `${bin}:${process.env.PATH ?? ''}`);
    await expect(makeRepo(release, tools)).rejects.toThrow('createrepo_c: exit code 1\n  no space');
    expect(await bytesOf(release)).toEqual(before);
    expect(readdirSync(join(release.root, 'dist/repo'))).toEqual([SET]);
  });

  it('reports every RPM that is missing', async () => {
    const release = await SamplePublication.make({ tiny: '1.0.0', six: '1.17.0' });
    rmSync(join(release.root, reqsetPaths(SET).rpms), { recursive: true });
    await expect(makeRepo(release, release.tools())).rejects.toThrow(/demo-wheel-six[^]*demo-wheel-tiny/);
  });
});

describe('over releases', () => {
  async function publishFirst(): Promise<SamplePublication> {
    const first = await SamplePublication.make({ tiny: '1.0.0', six: '1.17.0' });
    await makeRepo(first, first.tools());
    await first.publish('2026-11-01T00:00:00Z');
    return first;
  }

  it('what changed gets a delta and an advisory, which the next release has too', async (context) => {
    await needPrograms(context);
    const first = await publishFirst();
    const second = await SamplePublication.make({ tiny: '1.0.1', six: '1.17.0' }, first);
    const tools = second.tools();
    const [tiny, six] = await makeDeltas(second, tools, 'tiny', 'six');
    expect(tiny).toMatch(/^demo-wheel-tiny: 1\.0\.0-1 → 1\.0\.1-1, \d\.\d kB instead of \d+\.\d kB \(\d%\)$/);
    expect(six).toBe('demo-wheel-six: no older version is published');
    expect(await makeRepo(second, tools)).toMatch(/1 delta \(\d\.\d kB\), 1 advisory, not signed$/);
    expect(recordOf(second).advisories).toMatchObject([{ title: 'tiny 1.0.0 → 1.0.1', date: '2023-11-14T22:13:20Z' }]);
    const prestodelta = readdirSync(join(second.root, FOLDER, 'repodata')).filter((name) =>
      name.includes('prestodelta'),
    );
    expect(prestodelta).toHaveLength(2);
    await second.publish('2026-11-02T00:00:00Z');

    const third = await SamplePublication.make({ tiny: '1.1.0', six: '1.17.0' }, first);
    const told = await makeDeltas(third, tools, 'tiny');
    expect(told[0]).toMatch(/^demo-wheel-tiny: 1\.0\.1-1 → 1\.1\.0-1.*\ndemo-wheel-tiny: 1\.0\.0-1 → 1\.1\.0-1/);
    await makeRepo(third, tools);
    const titles = recordOf(third).advisories.map(({ title }) => title);
    expect(titles).toEqual(['tiny 1.0.0 → 1.0.1', 'tiny 1.0.1 → 1.1.0']);
    expect(readdirSync(join(third.root, FOLDER, 'drpms'))).toHaveLength(2);
  });

  it('the revision rises with each publication, and stays while nothing changes', async (context) => {
    await needPrograms(context);
    const first = await publishFirst();
    const revisionOf = ({ root }: SamplePublication) =>
      Number(/<revision>(\d+)</.exec(readFileSync(join(root, FOLDER, 'repodata/repomd.xml'), 'utf8'))?.[1]);
    expect(revisionOf(first)).toBe(1_700_000_000);
    const before = await bytesOf(first);
    expect(await makeRepo(first, first.tools())).toContain('unchanged');
    rmSync(join(first.root, FOLDER), { recursive: true });
    await makeRepo(first, first.tools());
    expect(await bytesOf(first)).toEqual(before);
    const second = await SamplePublication.make({ tiny: '1.0.1', six: '1.17.0' }, first);
    await makeRepo(second, second.tools());
    expect(revisionOf(second)).toBe(1_700_000_001);
    expect(recordOf(second).revision).toBe(1_700_000_001);
    // In another workspace too.
    const other = await SamplePublication.make({ tiny: '1.0.1', six: '1.17.0' }, first);
    await makeRepo(other, other.tools());
    expect(await bytesOf(other)).toEqual(await bytesOf(second));
  });

  it('a delta, or that there is none, is known the second time', async (context) => {
    await needPrograms(context);
    const other = await SamplePublication.make({ tiny: '2.0.0', six: '1.18.0' }, await publishFirst());
    await writeRpm(join(other.root, reqsetPaths(SET).rpms), wheelRpm('six', '1.18.0', 'all other'));
    const tools = other.tools({ deltas: 1 });
    const [tiny, six] = await makeDeltas(other, tools, 'tiny', 'six');
    expect(six).toMatch(/: no delta, the delta's \d+ bytes are \d+% of the RPM's \d+, more than 80%$/);
    rmSync(join(other.root, 'dist/deltas'), { recursive: true });
    // Neither is computed, nor is anything downloaded.
    rmSync(join(other.root, 'dist/cache'), { recursive: true });
    const again = await makeDeltas(other, tools, 'tiny', 'six');
    expect(again).toEqual([tiny, six].map((line) => `${line ?? ''}, from the store`));
    expect(readdirSync(join(other.root, 'dist/deltas', SET)).filter((name) => name.endsWith('.drpm'))).toHaveLength(1);
    expect(readdirSync(join(other.root, 'dist'))).not.toContain('cache');
  });

  it.skipIf(availableParallelism() < 2)('deltas of two RPMs are made at the same time', async () => {
    const next = await SamplePublication.make({ tiny: '1.0.1', six: '1.18.0' }, await publishFirst());
    const bin = mkdtempSync(join(next.root, 'bin-'));
    const begun = mkdtempSync(join(next.root, 'begun-'));
    // Each waits for the other.
    const waiting = `: > "${begun}/$$"; until [ "$(ls "${begun}" | wc -l)" = 2 ]; do :; done`;
    writeFileSync(join(bin, 'makedeltarpm'), `#!/bin/sh\n${waiting}; echo both >&2; exit 1\n`, { mode: 0o755 });
    vi.stubEnv('PATH', `${bin}:${process.env.PATH ?? ''}`);
    const told = await makeDeltas(next, next.tools(), 'tiny', 'six');
    expect(told.map((line) => line.split('\n').at(-1)?.trim())).toEqual(['both', 'both']);
  });

  it('a published RPM that is not what its release says is refused', async () => {
    const damaged = await publishFirst();
    const releases = join(damaged.root, 'published', SET, 'releases');
    const [id = ''] = readdirSync(releases);
    const file = join(releases, id, 'packages/demo-wheel-tiny-1.0.0-1.noarch.rpm');
    rmSync(file);
    writeFileSync(file, 'something else');
    const next = await SamplePublication.make({ tiny: '1.0.1', six: '1.17.0' }, damaged);
    await expect(makeDeltas(next, next.tools(), 'tiny')).rejects.toMatchObject({ code: 'PINPACK_PUBLISHED_DAMAGED' });
  });

  it('an unchanged RPM is not signed again', async (context) => {
    await needPrograms(context);
    const release = await SamplePublication.make({ tiny: '1.0.0' });
    const { signer, count } = await countingSigner();
    const tools = release.tools({}, { publication: undefined, signer });
    expect(await makeRepo(release, tools)).toContain(`signed by ${signer.fingerprint}`);
    expect(count.signatures).toBe(3);
    await writeRpm(join(release.root, reqsetPaths(SET).rpms), wheelRpm('tiny', '1.0.0', 'other'));
    await makeRepo(release, tools);
    expect(count.signatures).toBe(4);
    expect(readdirSync(join(release.root, 'dist/cache/signed', SET, signer.fingerprint))).toHaveLength(3);
    const [{ sha256, unsigned } = { sha256: '', unsigned: '' }] = recordOf(release).packages;
    expect(sha256).not.toBe(unsigned);
  });
});
