// What several processes do to one store, and what is left of those that are killed. They run the compiled code: `npm run build` first.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FolderBackend } from '../backends/folder-backend.js';
import { removeLeftovers } from './remove-leftovers.js';
import { verifyStore } from '../maintenance/verify-store.js';
import { openStore } from './open-store.js';
import type { Store } from './store.js';
import { fileOf, newFolder, newStage, openStage, RecordingJournal, sha256Of, STATE } from './store.fixture.js';

const DIST = new URL('../../dist/', import.meta.url);
const ENTRY = { kind: 'wheel', fileName: 'a.whl', attachments: {} } as const;

let folder: string;
let journal: RecordingJournal;

beforeEach(async () => {
  folder = await newFolder();
  journal = new RecordingJournal();
});

/** A process that opens the folder's store as `store`, and runs the lines. */
function run(lines: string, environment: Record<string, string> = {}) {
  const script = `
    import { randomBytes } from 'node:crypto';
    import { readFile, writeFile } from 'node:fs/promises';
    import { openStore } from ${JSON.stringify(new URL('index.js', DIST).href)};
    const { PINPACK_STORE } = process.env;
    const store = await openStore({ url: PINPACK_STORE, environment: process.env });
    const entry = ${JSON.stringify(ENTRY)};
    const folder = ${JSON.stringify(folder)};
    const say = (text) => process.stdout.write(text + '\\n');
    ${lines}`;
  const env = { PINPACK_STORE: pathToFileURL(folder).href, XDG_STATE_HOME: STATE, CI: 'true', ...environment };
  return execa(process.execPath, ['--input-type=module', '--eval', script], { env, reject: false });
}

async function heard({ stdout }: ReturnType<typeof run>, text: string): Promise<void> {
  let output = '';
  while (!output.includes(text)) {
    const [piece] = (await once(stdout, 'data')) as [Buffer];
    output += piece.toString();
  }
}

async function openFolder(environment: Record<string, string> = {}): Promise<Store> {
  const store = await openStore({ url: pathToFileURL(folder).href, environment, journal });
  if (store === undefined) throw new Error('no store');
  return store;
}

const findingsOf = async (place: string) => (await verifyStore(new FolderBackend(place))).findings;

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

describe('a process that is killed', () => {
  it.each([0, 1, 2, 3, 4])(
    'while it puts, after %i entries: what is there is whole, and the next run goes on',
    async (count) => {
      const child = run(`
      for (let index = 0; ; index++) {
        await writeFile(folder + '/input', randomBytes(3_000_000));
        say('put ' + index);
        await store.put({ ...entry, key: 'key' + index }, folder + '/input');
      }`);
      await heard(child, `put ${count}\n`);
      // Within the copy, where the machine isn't faster than a line of output.
      child.kill('SIGKILL');
      await child;
      expect(await findingsOf(folder)).toEqual([]);
      const store = await openFolder();
      for (let index = 0; index < count; index++) {
        expect((await store.get('wheel', `key${index}`))?.record.size).toBe(3_000_000);
      }
      await store.put({ ...ENTRY, key: `key${count}` }, await fileOf('next'));
      expect(await store.get('wheel', `key${count}`)).toBeDefined();
      expect(journal.warnings).toEqual([]);
      await removeLeftovers(folder, new Date(Date.now() + 2 * 86_400_000));
      expect(await readdir(join(folder, 'spool'))).toEqual([]);
    },
  );

  it('while it produces: others who wait go on at once', async () => {
    const sha256 = sha256Of('content');
    const child = run(`
      await store.getOrProduce('${sha256}', async (path) => {
        await writeFile(path, 'con');
        say('producing');
        await new Promise(() => setInterval(() => undefined, 1000));
      });`);
    await heard(child, 'producing');
    const store = await openFolder();
    const waiting = store.getOrProduce(sha256, (path) => writeFile(path, 'content'));
    child.kill('SIGKILL');
    await child;
    expect((await waiting).from).toBe('produced');
    expect(await findingsOf(folder)).toEqual([]);
  });

  it('while it downloads: nothing of it is believed, and the next run downloads again', async () => {
    const content = randomBytes(40_000_000);
    await (await openFolder()).put({ ...ENTRY, key: 'large' }, await fileOf(content));
    const cache = await newFolder();
    const environment = { XDG_CACHE_HOME: cache, PINPACK_STORE_MODE: 'read' };
    const local = join(cache, 'pinpack/store');
    const child = run(`say('asking'); await store.get('wheel', 'large'); say('done');`, environment);
    await heard(child, 'asking');
    await expect.poll(() => readdir(join(local, 'spool')).catch(() => []), { interval: 1 }).toHaveLength(1);
    child.kill('SIGKILL');
    await child;
    expect(await findingsOf(local)).toEqual([]);
    expect(await isThere(join(local, 'v1/main/entries/wheel/large'))).toBe(false);
    const hit = await (await openFolder(environment)).get('wheel', 'large');
    expect([hit?.from, hit && (await readFile(hit.path)).equals(content)]).toEqual(['remote', true]);
  });

  it.each(['hangs', 'writes'])('while the store %s at its upload: the next run uploads', async (what) => {
    const stage = await newStage();
    const cache = await newFolder();
    const content = randomBytes(30_000_000);
    const child = run(
      `
      const { FolderBackend } = await import(${JSON.stringify(new URL('backends/folder-backend.js', DIST).href)});
      const { assembleStore } = await import(${JSON.stringify(new URL('store/open-store.js', DIST).href)});
      const { planStore } = await import(${JSON.stringify(new URL('store/plan-store.js', DIST).href)});
      const { MemoryJournal } = await import(${JSON.stringify(new URL('store/run-journal.js', DIST).href)});
      const backend = new FolderBackend(${JSON.stringify(stage.remoteFolder)});
      const create = backend.create.bind(backend);
      backend.create = (...order) => {
        say('uploading');
        return ${what === 'hangs'} ? new Promise(() => setInterval(() => undefined, 1000)) : create(...order);
      };
      const location = { kind: 's3', bucket: 'bucket', prefix: 'prefix', pathStyle: false };
      const plan = { ...planStore('s3://bucket/prefix', undefined, process.env), location };
      const options = { environment: process.env, trust: { publicKeys: [] }, journal: new MemoryJournal() };
      const remote = await assembleStore(backend, plan, options);
      await remote.put({ ...entry, key: 'large' }, ${JSON.stringify(await fileOf(content))});`,
      { XDG_CACHE_HOME: cache },
    );
    await heard(child, 'uploading');
    child.kill('SIGKILL');
    await child;
    expect(await findingsOf(stage.remoteFolder)).toEqual([]);
    expect(await isThere(join(stage.remoteFolder, 'v1/main/entries/wheel/large'))).toBe(false);
    const store = await openStage({ ...stage, environment: { XDG_CACHE_HOME: cache } });
    expect(await store.flush(30_000)).toEqual({ uploaded: 1, bytes: content.length, left: 0, refused: 0 });
    const other = await openStage(stage);
    expect((await other.get('wheel', 'large'))?.record.sha256).toBe(sha256Of(content));
  });
});

describe('several processes', () => {
  it('write one key 32 times at once: one wins, all succeed, and readers see whole entries only', async () => {
    const children = Array.from({ length: 4 }, () =>
      run(`
        const writers = Array.from({ length: 8 }, async (_, index) => {
          const file = await store.temporaryFile();
          await writeFile(file, randomBytes(200_000));
          await store.put({ ...entry, key: 'one' }, file, { takeOwnership: true });
          const hit = await store.get('wheel', 'one');
          say(hit.record.sha256);
        });
        await Promise.all(writers);`),
    );
    const reader = await openFolder();
    const state = { isDone: false };
    const seen = new Set<string | undefined>();
    const reading = (async () => {
      while (!state.isDone) seen.add((await reader.get('wheel', 'one'))?.record.sha256);
    })();
    const results = await Promise.all(children);
    state.isDone = true;
    await reading;
    const answers = results.flatMap(({ stdout }) => stdout.split('\n'));
    expect([answers.length, new Set(answers).size]).toEqual([32, 1]);
    seen.delete(undefined);
    expect([...seen].filter((sha256) => sha256 !== answers[0])).toEqual([]);
    expect([results.map(({ exitCode }) => exitCode), results.map(({ stderr }) => stderr)]).toEqual([
      [0, 0, 0, 0],
      ['', '', '', ''],
    ]);
    expect(await findingsOf(folder)).toEqual([]);
    expect(journal.warnings).toEqual([]);
  });

  it('produce one content once', async () => {
    const children = Array.from({ length: 3 }, () =>
      run(`
        await store.getOrProduce('${sha256Of('content')}', async (path) => {
          say('produced');
          await new Promise((done) => setTimeout(done, 300));
          await writeFile(path, 'content');
        });`),
    );
    const outputs = await Promise.all(children);
    expect(outputs.map(({ stdout }) => stdout).join('')).toBe('produced');
  });

  it('upload one outbox, each item once', async () => {
    const stage = await newStage();
    const environment = { XDG_CACHE_HOME: await newFolder(), PINPACK_STORE_RUN: await newFolder() };
    const task = await openStage({ ...stage, environment });
    for (let index = 0; index < 20; index++) await task.put({ ...ENTRY, key: `${index}` }, await fileOf(`${index}`));
    const [first, second] = [
      await openStage({ ...stage, environment, isUploader: true }),
      await openStage({ ...stage, environment, isUploader: true }),
    ];
    const reports = await Promise.all([first.flush(30_000), second.flush(30_000)]);
    expect(reports.reduce((sum, { uploaded }) => sum + uploaded, 0)).toBe(20);
    expect((await first.flush(30_000)).left + (await second.flush(30_000)).left).toBe(0);
    await Promise.all([first.close(), second.close()]);
  });
});

describe('a full disk', () => {
  const mounted = (async () => {
    const place = join(await newFolder(), 'disk');
    await mkdir(place);
    const { failed } = await execa('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place], { reject: false });
    return failed ? undefined : place;
  })();

  it('of the local folder fails nothing: what is produced lies elsewhere, what is put is not kept, one warning', async (context) => {
    const place = await mounted;
    if (place === undefined) {
      context.skip('a tmpfs cannot be mounted here');
      return;
    }
    try {
      const stage = { ...(await newStage()), journal };
      const content = randomBytes(3_000_000);
      const writer = await openStage(stage);
      await writer.put({ ...ENTRY, key: 'there' }, await fileOf(content));
      await writer.flush(10_000);
      const store = await openStage({ ...stage, environment: { XDG_CACHE_HOME: place } });
      const asked = stage.backend.calls.length;
      expect(await store.get('wheel', 'there')).toBeUndefined();
      await store.put({ ...ENTRY, key: 'new' }, await fileOf(content));
      const { path, from } = await store.getOrProduce(sha256Of(content), (file) => writeFile(file, content));
      expect([from, (await readFile(path)).equals(content)]).toEqual(['produced', true]);
      // The remote isn't to blame, and is asked on.
      expect(await store.get('wheel', 'none')).toBeUndefined();
      expect(stage.backend.calls.slice(asked).filter((call) => call.startsWith('read')).length).toBeGreaterThan(1);
      expect(journal.warnings[0]).toContain('ENOSPC');
      expect(await findingsOf(join(place, 'pinpack/store'))).toEqual([]);
      await store.close();
      expect(await readdir(join(place, 'pinpack/store/spool'))).toEqual([]);
    } finally {
      await execa('umount', ['--lazy', place]);
    }
  });
});

describe('a clock that is wrong', () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  const setYear = (year: number): void => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(`${year}-01-01T00:00:00Z`) });
  };

  it.each([
    [1980, 2100],
    [2100, 1980],
  ])('put in %i, got in %i: a hit, and what waits is uploaded', async (first, second) => {
    const stage = { ...(await newStage()), journal };
    const environment = { XDG_CACHE_HOME: await newFolder(), PINPACK_STORE_RUN: await newFolder() };
    setYear(first);
    const writer = await openStage({ ...stage, environment });
    await writer.put({ ...ENTRY, key: 'skewed' }, await fileOf('content'));
    setYear(second);
    const uploader = await openStage({ ...stage, environment, isUploader: true });
    expect(await uploader.flush(10_000)).toMatchObject({ uploaded: 1, left: 0 });
    expect((await uploader.get('wheel', 'skewed'))?.from).toBe('local');
    expect((await (await openStage(stage)).get('wheel', 'skewed'))?.from).toBe('remote');
    expect(journal.warnings).toEqual([]);
    await uploader.close();
  });

  it('makes nobody take what a living process is at', async () => {
    const store = await openFolder();
    let count = 0;
    const produce = async (path: string): Promise<void> => {
      count++;
      setYear(2100);
      await writeFile(path, 'content');
    };
    await Promise.all(Array.from({ length: 4 }, () => store.getOrProduce(sha256Of('content'), produce)));
    expect(count).toBe(1);
  });
});
