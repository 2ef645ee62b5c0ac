/** Patches of a set over two releases: which are made, kept in the store, and listed by the repository. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { selectPatches, type PublishedPatch } from '@pinpack/rpm-repo';
import { needProgram } from '@pinpack/testing';
import { describe, expect, it, vi } from 'vitest';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { DeltaRun } from './delta-run.js';
import { makeRepository } from './make-repository.js';
import { SamplePublication, SET, wheelRpm, writeRpm } from './publication.fixture.js';

const NAME = `${SET}-wheel-tiny`;
const PATCH = `${NAME}-1.0.0-1_1.1.0-1.noarch.patch`;

/** A release of `tiny` without compression, so that it can have patches. */
async function release(version: string, before?: SamplePublication): Promise<SamplePublication> {
  const made = await SamplePublication.make({ tiny: version }, before);
  const rpm = { ...wheelRpm('tiny', version), compression: { kind: 'none' as const } };
  await writeRpm(join(made.root, reqsetPaths(SET).rpms), rpm);
  return made;
}

/** What the run prints, and the summary of the repository. */
async function run(of: SamplePublication, options = { deltas: 0, patches: 2 }): Promise<string[]> {
  const printed = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const { root, store } = of;
    const tools = of.tools(options);
    await new DeltaRun({ root, tools, store: Promise.resolve(store) }, 1).make({ reqset: SET, name: NAME });
    const lines = printed.mock.calls.flatMap(([line]) =>
      String(line)
        .split('\n')
        .filter((each) => each.startsWith(NAME)),
    );
    return [...lines, await makeRepository({ root, set: SET, vendor: 'us', tools, environment: {} })];
  } finally {
    printed.mockRestore();
  }
}

function indexOf({ root }: SamplePublication): {
  packages: Record<string, { patches: { file: string; old?: object }[] }>;
} {
  const folder = join(root, `dist/repo/${SET}/repodata`);
  const name = readdirSync(folder).find((each) => each.endsWith('pinpack-patches.yaml.gz')) ?? '';
  return JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()) as ReturnType<typeof indexOf>;
}

function indexFiles(of: SamplePublication): string[] {
  return Object.values(indexOf(of).packages).flatMap(({ patches }) => patches.map(({ file }) => file));
}

describe('patches', () => {
  it('are made against what is published, listed by the repository, and kept in the store', async (context) => {
    await needProgram(context, 'createrepo_c', '--version');
    const first = await release('1.0.0');
    await run(first);
    await first.publish('2026-11-22T00:00:00Z');
    const second = await release('1.1.0', first);
    const [whole, patch, summary] = await run(second);
    expect(whole).toMatch(/1\.1\.0-1, without an older version: no patch, the patch's \d+ bytes are more than 80%/);
    expect(patch).toMatch(/1\.0\.0-1 → 1\.1\.0-1, patch of \d+ B instead of \d+\.\d kB$/);
    expect(summary).toMatch(/, 1 patch \(\d+ B\), 1 advisory, not signed$/);
    expect(readdirSync(join(second.root, `dist/repo/${SET}/patches`))).toEqual([PATCH]);
    const listed = Object.values(indexOf(second).packages).flatMap(({ patches }) => patches);
    expect(listed).toEqual([expect.objectContaining({ file: `patches/${PATCH}`, old: expect.anything() as object })]);
    rmSync(join(second.root, `dist/patches/${SET}`), { recursive: true });
    expect((await run(second)).slice(0, 2).every((line) => line.endsWith(', from the store'))).toBe(true);
    await second.publish('2026-11-23T00:00:00Z');
    const third = await release('1.2.0', second);
    const lines = await run(third);
    expect(lines[1]).toMatch(/1\.1\.0-1 → 1\.2\.0-1, patch of/);
    expect(lines[2]).toMatch(/1\.0\.0-1 → 1\.2\.0-1, patch of/);
    expect(indexFiles(third)).toEqual(['1.0.0', '1.1.0'].map((old) => `patches/${NAME}-${old}-1_1.2.0-1.noarch.patch`));
    await run(third, { deltas: 0, patches: 1 });
    expect(indexFiles(third)).toEqual([`patches/${NAME}-1.1.0-1_1.2.0-1.noarch.patch`]);
  });

  it('are not made of RPMs whose compression servers cannot repeat, nor without the setting', async (context) => {
    await needProgram(context, 'createrepo_c', '--version');
    const made = await SamplePublication.make({ tiny: '1.0.0' });
    const [line, summary] = await run(made);
    expect(line).toMatch(
      /no patch, its payload is compressed by zstd, which servers cannot repeat: set the compression/,
    );
    expect(summary).not.toContain('patch');
    expect(await run(made, { deltas: 0, patches: 0 })).toHaveLength(1);
  });

  it('that save the most are kept within the budget', () => {
    const patch = (file: string, rpm: string, size: number): PublishedPatch => ({
      ...{ name: 'a', architecture: 'noarch', newEvr: '2-1', rpm, unpacked: 1, file, size, sha256: '' },
    });
    const patches = [patch('small', 'x', 10), patch('large', 'y', 60), patch('other', 'x', 30)];
    const kept = selectPatches(patches, new Map(Object.entries({ x: 100, y: 1000 })), 75);
    expect(kept.map(({ file }) => file)).toEqual(['large', 'small']);
  });
});
