// Reads facts about pins from the package index: upload times, newer versions, and METADATA of wheels that are not in the workspace.
import {
  newestVersions,
  parseMetadata,
  type IndexClient,
  type Lock,
  type LockedPackage,
  type Uv,
} from '@pinpack/python-dist';
import pLimit from 'p-limit';
import { factsOfMetadata, type DistributionFacts } from './distribution-facts.js';
import type { PinData } from './page-data.js';

export type IndexFacts = Partial<DistributionFacts> & Pick<PinData, 'uploaded'>;

const PAGES_AT_ONCE = 8;

export interface IndexRequest {
  /** A pin without a file is not from the index. */
  pins: readonly { name: string; file: string | undefined }[];
  /** Names of pins whose METADATA is known. */
  known: ReadonlySet<string>;
}

/** By PEP 503 name. @throws DistError `DIST_INDEX_*` */
export async function readIndex(index: IndexClient, { pins, known }: IndexRequest): Promise<Map<string, IndexFacts>> {
  const limit = pLimit(PAGES_AT_ONCE);
  const read = pins.map(({ name, file: locked }) =>
    limit(async (): Promise<[string, IndexFacts]> => {
      const file = locked === undefined ? undefined : (await index.files(name)).find((one) => one.name === locked);
      const metadata = file === undefined || known.has(name) ? undefined : await index.metadata(file);
      const uploaded = Date.parse(file?.uploadTime ?? '');
      return [
        name,
        {
          ...(metadata !== undefined && factsOfMetadata(parseMetadata(metadata, locked))),
          ...(!Number.isNaN(uploaded) && { uploaded: new Date(uploaded).toISOString() }),
        },
      ];
    }),
  );
  return new Map(await Promise.all(read));
}

/** For the list of sources. */
export function describeIndexFacts(value: ReadonlyMap<string, IndexFacts>): {
  value: ReadonlyMap<string, IndexFacts>;
  text: string;
} {
  const dated = [...value.values()].filter(({ uploaded }) => uploaded !== undefined).length;
  return { value, text: `upload times of ${dated} of ${value.size} pins` };
}

/** The file of the index that the lock names. */
export function indexFileOf({ source }: LockedPackage): string | undefined {
  if (source.kind === 'directory' || source.kind === 'prebuilt') return undefined;
  return source.kind === 'sdist' ? source.sdist.name : source.wheel.name;
}

/** By PEP 503 name, without pins that are up to date. @throws DistError `DIST_INDEX_*`, `DIST_RESOLVE_UV_MISSING` */
export async function readNewest(
  lock: Lock,
  pins: readonly LockedPackage[],
  tools: { uv: Uv; index: IndexClient },
): Promise<Map<string, string>> {
  const newest = await newestVersions(pins, lock, tools);
  return new Map([...newest].map(([name, { version }]) => [name, version]));
}
