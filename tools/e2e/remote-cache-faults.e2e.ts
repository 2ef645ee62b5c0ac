/** Nx's real client with the store behind everything that can go wrong: a run ends as its tasks do, in bounded time, with one warning. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithS3, startFaultProxy, startS3, type Fault, type FaultProxy, type S3Server } from '@pinpack/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODES, TinyWorkspace } from './tiny-workspace.js';

const FAULTS = {
  refused: { kind: 'refuse' },
  reset: { kind: 'reset' },
  frozen: { kind: 'hang' },
  'frozen within the body': { kind: 'hang-in-body', after: 20 },
  'cut off': { kind: 'cut', after: 20 },
  forbidden: { kind: 'status', status: 403, code: 'AccessDenied' },
  broken: { kind: 'status', status: 500, code: 'InternalError' },
  busy: { kind: 'status', status: 503, code: 'SlowDown' },
  'not HTTP': { kind: 'garbage' },
  'one bit flipped': { kind: 'flip', at: 30 },
  'too short': { kind: 'wrong-length', by: 7 },
  'too long': { kind: 'wrong-length', by: -7 },
  slow: { kind: 'slow', bytesPerSecond: 40 },
} as const satisfies Record<string, Fault>;
const NAMES = Object.keys(FAULTS) as (keyof typeof FAULTS)[];
/** All in the way in which Nx runs by default; in the others one that ends at once, one that never does, and two that answer wrongly. */
const IN_EVERY_MODE: readonly string[] = ['refused', 'frozen', 'cut off', 'one bit flipped'];
const PROJECTS = NAMES.map((_, index) => `seeded${index}`);
/** Seconds: an answer of the store that doesn't come, the deadline of the uploads, and Nx itself on a busy machine. */
const LONGEST_RUN = 75;

let folder: string;
let s3: S3Server;
let proxy: FaultProxy;
let workspace: TinyWorkspace;
let environment: Record<string, string>;

describeWithS3('a store that is', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-faults-'));
    s3 = await startS3();
    proxy = await startFaultProxy(s3.endpoint);
    environment = { ...s3.environment('writer'), PINPACK_STORE_MODE: 'read-write' };
    const options = { store: s3.url('faults', proxy.endpoint), uploadDeadline: 5 };
    workspace = await TinyWorkspace.make(join(folder, 'workspace'), [...PROJECTS, 'fresh'], options);
    const seeder = workspace.as({ daemon: false, isolation: false }, join(folder, 'seeder'), environment);
    const { exitCode, told } = await seeder.run(PROJECTS);
    expect([exitCode, told.at(-1)]).toEqual([0, expect.stringMatching(/0 of 13 .* 13 built, 13 uploaded$/)]);
  });
  afterAll(async () => {
    await proxy.stop();
    await s3.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describe.each(MODES)('with daemon: $daemon, isolated plugins: $isolation', (mode) => {
    const isThorough = process.env.PINPACK_NIGHTLY === '1' || (mode.daemon && mode.isolation);
    const label = `${mode.daemon ? 'daemon' : 'no-daemon'}-${mode.isolation ? 'isolated' : 'shared'}`;
    let own: TinyWorkspace;

    beforeAll(() => {
      own = workspace.as(mode, join(folder, label), environment);
    });
    afterAll(() => own.stopDaemon());

    it.each(
      NAMES.map((name, index) => ({ name, index })).filter(({ name }) => isThorough || IN_EVERY_MODE.includes(name)),
    )('$name: the run ends as its tasks do', async ({ name, index }) => {
      await own.change('fresh', `${label} ${name}\n`);
      await proxy.fail(FAULTS[name]);
      const { exitCode, output, told, took } = await own.run([`seeded${index}`, 'fresh']);
      await proxy.heal();
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      expect(await own.made(`seeded${index}`)).toBe(`seeded${index}\n`);
      expect(await own.made('fresh')).toBe(`${label} ${name}\n`);
      expect(told.filter((line) => line.includes('warning')).length, output).toBe(1);
      expect(took).toBeLessThan(LONGEST_RUN);
      console.log(`${label}, ${name}: ${took.toFixed(1)} s: ${told.join(' | ')}`);
    });

    it('is well again: what waited is uploaded, and another clone gets it', async () => {
      await own.change('fresh', `${label} well\n`);
      expect((await own.run(['fresh'])).exitCode).toBe(0);
      const other = workspace.as({ daemon: false, isolation: false }, join(folder, `${label}-other`), environment);
      const { output, told } = await other.run(['fresh', ...PROJECTS]);
      expect(output).toContain('[remote cache]');
      expect(told.at(-1)).toMatch(/^pinpack store: 14 of 14 from s3:/);
    });
  });
});
