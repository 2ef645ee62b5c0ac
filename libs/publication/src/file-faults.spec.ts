/** Every file-system call of publishing fails once, in turn: a publication is complete or invisible, and the one before stays usable. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreError } from '@pinpack/build-store';
import { endFileFaults, failFileCall, FILE_FAULTS, type FileFault } from '@pinpack/testing/file-faults';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FolderTarget } from './folder-target.js';
import { Publications } from './publications.js';
import { filesOf, readWhole, URL_OF_READERS } from './publications.fixture.js';

vi.mock('node:fs/promises', async (original) => {
  const { withFaults } = await import('@pinpack/testing/file-faults');
  return withFaults(await original());
});

const LABEL = 'demo';
const OLD = { 'a.rpm': 'same', 'repomd.xml': '<1>' };
const NEW = { 'a.rpm': 'same', 'repomd.xml': '<2>' };
const LATER = new Date(Date.now() + 7_200_000);

let scratch: string;
let template: string;
const ids = { oldest: '', old: '' };

const open = (folder: string) => new Publications(new FolderTarget(folder));
const publish = (publications: Publications, contents: Record<string, string>) =>
  publications.publish({ label: LABEL, files: filesOf(contents), url: URL_OF_READERS });

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'pinpack-faults-'));
  template = join(scratch, 'template');
  ids.oldest = (await publish(open(template), { 'a.rpm': 'oldest' })).id;
  ids.old = (await publish(open(template), OLD)).id;
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

type Act = (publications: Publications) => Promise<unknown>;

/** What may be the latest publication afterwards. @param all - newest first */
type Allowed = (all: readonly string[]) => readonly string[];

const ACTIONS: [name: string, act: Act, allowed: Allowed][] = [
  ['publishing', (publications) => publish(publications, NEW), (all) => all],
  [
    'rolling back',
    (publications) => publications.rollback(LABEL, ids.oldest, URL_OF_READERS),
    () => [ids.old, ids.oldest],
  ],
  [
    'removing old publications',
    (publications) => publications.retire({ label: LABEL, keep: 1, now: LATER }),
    () => [ids.old],
  ],
  [
    'writing mutable files',
    (publications) => publications.write(LABEL, filesOf({ 'x.repo': '[y]', 'simple/index.html': '<b>' })),
    () => [ids.old],
  ],
];

const isNightly = process.env.PINPACK_NIGHTLY === '1';
/** At night each call fails in each way; otherwise every other call, and the ways take turns. */
const ROUNDS = isNightly ? FILE_FAULTS.length : 1;
const STRIDE = isNightly ? 1 : 2;
/** Some hundred runs, one after the other. */
const PATIENCE_MS = 10 * 60_000;

describe.each(ACTIONS)('%s', (_name, act, allowed) => {
  async function failCall(call: number, fault: FileFault): Promise<string> {
    const folder = mkdtempSync(join(scratch, 'place-'));
    cpSync(template, folder, { recursive: true, preserveTimestamps: true });
    const publications = open(folder);
    failFileCall(call, fault);
    const error: unknown = await act(publications).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const { failed } = endFileFaults();
    const where = `${fault} at call ${call}: ${failed}`;
    if (error !== undefined) expect(error, where).toBeInstanceOf(StoreError);
    const latest = (await readWhole(publications, LABEL, scratch)) ?? 'none';
    expect(allowed(await publications.ids(LABEL)), where).toContain(latest);
    for (const { id } of await publications.list(LABEL))
      expect(await publications.readRecord(LABEL, id), where).toBeDefined();
    // The next run completes what this one did not.
    await act(publications);
    expect(await readWhole(publications, LABEL, scratch), where).toBeDefined();
    rmSync(folder, { recursive: true });
    return failed;
  }

  it(
    'loses nothing, whichever call fails',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        let call = 1;
        while ((await failCall(call, FILE_FAULTS[(call + round) % FILE_FAULTS.length] ?? 'EIO')) !== '') call += STRIDE;
        expect(call).toBeGreaterThan(10);
      }
    },
    PATIENCE_MS,
  );
});
