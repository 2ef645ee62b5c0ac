// Runs with caches of their own make an output at the same time, with a real S3 server and with pinpack's server before it.
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRunReports, openStore, type Store } from '@pinpack/build-store';
import { describeWithS3, startS3, temporaryFolder, type S3Server } from '@pinpack/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeOnce } from './make-once.js';
import { restoreOutput } from './restore-output.js';

const FILE = 'output-1.whl';

describeWithS3('shards of a pipeline', () => {
  let s3: S3Server;
  beforeAll(async () => {
    s3 = await startS3();
  });
  afterAll(() => s3.stop());

  interface Shard {
    store: Store;
    folder: string;
  }

  async function openShard(url: string, environment: Record<string, string> = {}): Promise<Shard> {
    const folder = temporaryFolder();
    const own = { HOME: folder, PINPACK_STORE_MODE: 'read-write', PINPACK_STORE_LEASES: 'on', ...environment };
    const store = await openStore({ url, environment: { ...s3.environment('writer'), ...own }, isUploader: true });
    if (store === undefined) throw new Error('no store');
    return { store, folder };
  }

  /** Makes the output as an executor does. @returns its content */
  async function make({ store, folder }: Shard, key: string, work: () => Promise<string>): Promise<string> {
    const output = join(folder, 'dist');
    const wanted = { kind: 'wheel', key, task: 'p:wheel', folder: output, accepts: () => true } as const;
    await makeOnce({
      ...{ store, kind: 'wheel', key },
      restore: async () => (await restoreOutput(store, wanted))?.fileName,
      make: async () => {
        await mkdir(output, { recursive: true });
        await writeFile(join(output, FILE), await work());
        await store.put({ kind: 'wheel', key, fileName: FILE, attachments: {} }, join(output, FILE));
        return FILE;
      },
    });
    return readFile(join(output, FILE), 'utf8');
  }

  test('make an output once, and all have it', async () => {
    const url = s3.url(randomUUID());
    const shards = await Promise.all([1, 2, 3, 4].map(() => openShard(url)));
    let made = 0;
    const contents = await Promise.all(
      shards.map((shard) =>
        make(shard, 'one', async () => {
          made++;
          await new Promise((resolve) => setTimeout(resolve, 500));
          return `made by ${made}`;
        }),
      ),
    );
    expect(made).toBe(1);
    expect(contents).toEqual(Array(4).fill('made by 1'));
    await Promise.all(shards.map(({ store }) => store.close()));
  });

  test('the next one makes it where the first fails', async () => {
    const url = s3.url(randomUUID());
    const [first, second] = await Promise.all([openShard(url), openShard(url)]);
    const failed = make(first, 'two', async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      throw new Error('does not compile');
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const other = make(second, 'two', () => Promise.resolve('made'));
    await expect(failed).rejects.toThrow('does not compile');
    expect(await other).toBe('made');
    await Promise.all([first, second].map(({ store }) => store.close()));
  });

  test('without write access or leases, each makes its own', async () => {
    const url = s3.url(randomUUID());
    const environments = [{ PINPACK_STORE_MODE: 'read' }, { PINPACK_STORE_LEASES: '' }, {}];
    let made = 0;
    for (const environment of environments) {
      const shard = await openShard(url, environment);
      await make(shard, 'three', () => Promise.resolve(`made ${++made}`));
      await shard.store.close();
    }
    expect(made).toBe(3);
  });

  describe('reports', () => {
    test('of runs are in the store, for the plan of the next pipeline', async () => {
      const url = s3.url(randomUUID());
      const environment = s3.environment('writer');
      const reports = await openRunReports({ url, environment });
      const report = {
        ...({ version: 1, at: new Date().toISOString(), tasks: { local: 0, store: 0, made: 1 } } as const),
        ...{ bytes: { downloaded: 0, uploaded: 1 }, savedMs: 0, durations: { 'p:wheel': 1234 } },
      };
      await reports?.add(report);
      const found = await (await openRunReports({ url, environment: s3.environment('reader') }))?.durations(new Date());
      expect(Object.fromEntries(found ?? [])).toEqual({ 'p:wheel': 1234 });
    });
  });
});
