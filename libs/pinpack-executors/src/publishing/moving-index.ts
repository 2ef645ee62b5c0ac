// The simple index beside the releases: all wheels of all releases that are kept, so that an older lock is served too. It changes page by page, and
// each page is whole; so only wheels of complete releases are in it.
import { publishedBytes, type Publications } from '@pinpack/publication';
import { simplePages, type IndexedWheel } from '@pinpack/python-dist';
import { parseWheelList, WHEEL_LIST } from './wheel-list.js';

export interface IndexRequest {
  label: string;
  /** The release that is the latest, or becomes it: its wheels go before others of the same file name. */
  latest: string | undefined;
  /** Releases that are about to be removed. */
  without?: readonly string[];
}

const LIST_LIMIT = 16 << 20;
const TURNS = 10;

/**
 * Writes the pages anew, and removes those of projects that no release has. When releases came or went meanwhile, it does so again: of several
 * publishers the last one to finish has seen all of them.
 */
export async function writeMovingIndex(publication: Publications, order: IndexRequest): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    const ids = await releasesOf(publication, order);
    await writePages(publication, order.label, ids);
    if ((await releasesOf(publication, order)).join() === ids.join()) return;
  }
}

/** The latest first, then the newest. */
async function releasesOf(publication: Publications, { label, latest, without = [] }: IndexRequest): Promise<string[]> {
  const ids = (await publication.list(label)).map(({ id }) => id).filter((id) => !without.includes(id));
  return [...ids.filter((id) => id === latest), ...ids.filter((id) => id !== latest)];
}

async function writePages(publication: Publications, label: string, ids: readonly string[]): Promise<void> {
  const wheels = new Map<string, IndexedWheel>();
  for (const id of ids) {
    for (const wheel of await wheelsOf(publication, label, id)) {
      if (!wheels.has(wheel.fileName)) wheels.set(wheel.fileName, wheel);
    }
  }
  const pages = simplePages([...wheels.values()]);
  const files = pages.map(({ path, content, contentType }) => publishedBytes(path, content, contentType));
  await publication.write(label, files);
  const names = new Set([...wheels.values()].map(({ name }) => name));
  const others = (await publication.namesOfChanging(label, 'simple')).filter(
    (name) => !name.startsWith('index.') && !names.has(name),
  );
  await publication.removeChanging(
    label,
    others.flatMap((name) => [`simple/${name}/index.html`, `simple/${name}/index.json`]),
  );
}

async function wheelsOf(publication: Publications, label: string, id: string): Promise<IndexedWheel[]> {
  const bytes = await publication.readFile(label, id, WHEEL_LIST, LIST_LIMIT);
  // Retired just now.
  if (bytes === undefined) return [];
  const folder = `../../releases/${id}/wheels`;
  return parseWheelList(`${label}/releases/${id}/${WHEEL_LIST}`, bytes).map((wheel) => ({ ...wheel, folder }));
}
