// Kills publishers at each of their steps and at random moments: readers always see a complete publication. The publishers run the compiled code,
// bundled, as each of the hundred processes would otherwise load hundreds of modules: run `npm run build` first.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundleCompiled, describeWithS3, startS3, type S3Server } from '@pinpack/testing';
import { openTarget } from './open-publications.js';
import { Publications } from './publications.js';
import { filesOf, readWhole, URL_OF_READERS } from './publications.fixture.js';

const REPEATS = 25_000;
const isNightly = process.env.PINPACK_NIGHTLY === '1';
/** At random moments. */
const RANDOM_KILLS = isNightly ? 20 : 4;
/** Of the steps at which a publisher is killed: with 3 it still pauses before some calls and after others. */
const STRIDE = isNightly ? 1 : 3;
/** Dozens of processes run one after the other. */
const PATIENCE_MS = 5 * 60_000;
const DIST = new URL('../dist/', import.meta.url);

let folder: string;
/** The file that publishers run. */
let publisher: string;

interface Where {
  url: string;
  environment: Record<string, string>;
}

/** Six files, of which three are the same in every round. */
function contentsOf(round: number): Record<string, string> {
  const same = { 'packages/a.rpm': 'a'.repeat(5000), 'packages/b.rpm': 'b', 'simple/index.html': '<html>' };
  return { ...same, 'packages/c.rpm': `c${round}`, 'repodata/repomd.xml': `<${round}>`, 'repository.json': `${round}` };
}

function expanded(contents: Record<string, string>): Record<string, string> {
  const pairs = Object.entries(contents);
  return Object.fromEntries(
    pairs.map(([path, text]) => [path, path.startsWith('large/') ? text.repeat(REPEATS) : text]),
  );
}

interface Publisher {
  child: Child;
  heard: Promise<'stopped' | 'done'>;
}

type Child = ReturnType<typeof startProcess>;

/** The compiled code in one file. */
function bundlePublisher(file: string): Promise<void> {
  const names = ['open-publications', 'publications', 'published-files'];
  return bundleCompiled(
    names.map((name) => fileURLToPath(new URL(`${name}.js`, DIST))),
    file,
  );
}

/** A process that has loaded the code and waits for what to publish, as JSON on its standard input. */
function startProcess({ url, environment }: Where) {
  const script = `
    const { openTarget, Publications, publishedBytes } = await import(${JSON.stringify(pathToFileURL(publisher).href)});
    const opened = await openTarget(${JSON.stringify(url)}, { environment: process.env });
    const { once } = await import('node:events');
    const { label, contents, step } = JSON.parse(String(await once(process.stdin, 'data')));
    const stop = () => { console.log('stopped'); return new Promise(() => setInterval(() => undefined, 1000)); };
    let count = 0;
    const target = new Proxy(opened, {
      get(target, name) {
        const member = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...given) => {
          const own = ++count;
          // Some pause before the call, the others after it.
          if (own === step && (own >> 1) % 2 === 0) await stop();
          const result = await member.apply(target, given);
          if (own === step) await stop();
          return result;
        };
      },
    });
    const files = Object.entries(contents).map(([path, text]) => publishedBytes(path, path.startsWith('large/') ? text.repeat(${REPEATS}) : text));
    await new Publications(target).publish({ label, url: '${URL_OF_READERS}', files });
    console.log('done');
    process.exit();`;
  return execa(process.execPath, ['--input-type=module', '--eval', script], { env: environment, reject: false });
}

/** Starts each process while the one before publishes: loading the code takes longer than a publication. */
class Publishers {
  private next: Child;

  constructor(private readonly where: Where) {
    this.next = startProcess(where);
  }

  /**
   * Publishes in a process, which pauses at one of its calls of the target.
   *
   * @param step - 1 or more; with 0 it never stops
   */
  start(label: string, contents: object, step = 0): Publisher {
    const child = this.next;
    this.next = startProcess(this.where);
    child.stdin.write(JSON.stringify({ label, contents, step }));
    return { child, heard: hear(child) };
  }

  async end(): Promise<void> {
    this.next.kill('SIGKILL');
    await this.next;
  }
}

function hear(child: Child): Promise<'stopped' | 'done'> {
  const heard = new Promise<'stopped' | 'done'>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (piece: Buffer) => {
      output += piece.toString();
      if (output.includes('stopped')) resolve('stopped');
      if (output.includes('done')) resolve('done');
    });
    void child.then(({ stdout, stderr }) => {
      if (!stdout.includes('done')) reject(new Error(`ended early: ${stderr}`));
    });
  });
  heard.catch(() => undefined);
  return heard;
}

/** Reads in a loop; fails as soon as a publication is incomplete. */
function startReaders(publications: Publications, label: string, scratch: string) {
  const state = { isDone: false, count: 0, fault: undefined as unknown };
  const read = async (): Promise<void> => {
    while (!state.isDone && state.fault === undefined) {
      await readWhole(publications, label, scratch).catch((error: unknown) => (state.fault = error));
      state.count++;
      // Leaves the processor to the publishers.
      await wait(50);
    }
  };
  const reading = read();
  return async (): Promise<number> => {
    state.isDone = true;
    await reading;
    if (state.fault !== undefined) throw state.fault as Error;
    return state.count;
  };
}

function describeKills(name: string, open: () => Where): void {
  describe(name, () => {
    let where: Where;
    let publications: Publications;
    let scratch: string;
    let label: string;
    let publishers: Publishers;
    const publish = (contents: Record<string, string>) =>
      publications.publish({ label, files: filesOf(expanded(contents)), url: URL_OF_READERS });

    beforeEach(async () => {
      where = open();
      publications = new Publications(await openTarget(where.url, where));
      scratch = await mkdtemp(join(tmpdir(), 'pinpack-scratch-'));
      label = `set-${randomUUID()}`;
      publishers = new Publishers(where);
    });
    afterEach(async () => {
      await publishers.end();
      await rm(scratch, { recursive: true, force: true });
    });

    it(
      'at each step: readers see a complete publication, and the next run resumes',
      async () => {
        await publish(contentsOf(0));
        const end = startReaders(publications, label, scratch);
        let kills = 0;
        for (let step = 1; ; step += STRIDE) {
          const before = await publications.latest(label);
          const { child, heard } = publishers.start(label, contentsOf(step), step);
          const state = await heard;
          child.kill('SIGKILL');
          await child;
          if (state === 'done') break;
          kills++;
          const after = await publications.latest(label);
          const resumed = await publish(contentsOf(step));
          expect([before, resumed.id]).toContain(after);
          expect(resumed.uploaded + resumed.copied).toBeLessThanOrEqual(6);
          expect(await readWhole(publications, label, scratch)).toBe(resumed.id);
          const { kept } = await publications.retire({ label, keep: 1, now: new Date(Date.now() + 7_200_000) });
          expect(kept).toEqual([resumed.id]);
        }
        expect(await end()).toBeGreaterThan(kills);
        expect(kills * STRIDE).toBeGreaterThanOrEqual(20);
      },
      PATIENCE_MS,
    );

    it(
      `at ${RANDOM_KILLS} random moments, with large files`,
      async () => {
        const large = (round: number): Record<string, string> => ({
          ...contentsOf(round),
          ...Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`large/${index}`, `${round} ${index} `])),
        });
        await publish(contentsOf(0));
        const started = performance.now();
        await publishers.start(label, large(1)).heard;
        const took = performance.now() - started;
        const end = startReaders(publications, label, scratch);
        for (let round = 0; round < RANDOM_KILLS; round++) {
          const contents = large(2 + round);
          const { child, heard } = publishers.start(label, contents);
          await Promise.race([heard.catch(() => undefined), wait(took * (0.3 + (0.7 * round) / RANDOM_KILLS))]);
          child.kill('SIGKILL');
          await child;
          if (round % 5 > 0) continue;
          const { id } = await publish(contents);
          expect(await readWhole(publications, label, scratch)).toBe(id);
        }
        expect(await end()).toBeGreaterThan(0);
      },
      PATIENCE_MS,
    );
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-kill-'));
  publisher = join(folder, 'publisher.mjs');
  await bundlePublisher(publisher);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describeKills('a publisher into a folder, killed', () => ({
  url: pathToFileURL(join(folder, randomUUID())).href,
  environment: {},
}));

describeWithS3('a publisher into a bucket', () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3();
  });
  afterAll(() => server.stop());

  describeKills('killed', () => ({
    url: server.url(`kill-${randomUUID()}`),
    environment: server.environment('writer'),
  }));
});
