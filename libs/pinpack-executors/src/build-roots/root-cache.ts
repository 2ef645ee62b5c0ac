// The cache of build roots: `roots/<sha256>/` with `root` and `root.json`, written once and renamed when it is complete.
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';

const FACTS = z.object({ environment: z.record(z.string(), z.string()) });
const UNUSED_DAYS = 90;
const MS_PER_DAY = 86_400_000;

/** A root that is being made. */
export interface MadeRoot {
  /** `sha256:…` */
  digest: string;
  /** Variables of its image. */
  environment: Record<string, string>;
}

export interface CachedRoot extends MadeRoot {
  folder: string;
}

export class RootCache {
  readonly #folder: string;

  /** @param cache - the user's cache folder */
  constructor(cache: string) {
    this.#folder = join(cache, 'roots');
  }

  async find(digest: string): Promise<CachedRoot | undefined> {
    const entry = join(this.#folder, nameOf(digest));
    const text = await readFile(join(entry, 'root.json'), 'utf8').catch(undefinedIfAbsent);
    const facts = parseJson(text ?? '', FACTS);
    if (facts === undefined) return undefined;
    await utimes(entry, new Date(), new Date());
    return { digest, folder: join(entry, 'root'), environment: facts.environment };
  }

  /** Calls `make` with a new empty folder, and keeps the root that it makes. */
  async make(make: (folder: string) => Promise<MadeRoot>): Promise<CachedRoot> {
    await mkdir(this.#folder, { recursive: true });
    await this.#removeUnused();
    const work = await mkdtemp(join(this.#folder, '.making-'));
    try {
      const root = join(work, 'root');
      await mkdir(root);
      const { digest, environment } = await make(root);
      await writeFile(join(work, 'root.json'), JSON.stringify({ environment }));
      const entry = join(this.#folder, nameOf(digest));
      await rename(work, entry).catch(async (error: unknown) => {
        // Another run was faster.
        if ((await this.find(digest)) === undefined) throw error;
      });
      return { digest, environment, folder: join(entry, 'root') };
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  /** The digest that a key led to before: of a recipe, or of a folder in a certain state. */
  async recall(key: string): Promise<string | undefined> {
    return readFile(join(this.#folder, `${key}.digest`), 'utf8').catch(undefinedIfAbsent);
  }

  async remember(key: string, digest: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await writeFile(join(this.#folder, `${key}.digest`), digest);
  }

  async #removeUnused(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      const found = await stat(path).catch(undefinedIfAbsent);
      if (found !== undefined && Date.now() - found.mtimeMs > UNUSED_DAYS * MS_PER_DAY)
        await rm(path, { recursive: true, force: true });
    }
  }
}

function nameOf(digest: string): string {
  return digest.slice('sha256:'.length);
}
