// Writes the simple index over all publications that are kept, so that it serves older locks too. It changes page by page, and each page is complete, so it
// lists only wheels of complete publications.
import { publishedBytes, type Publications } from '@pinpack/publication';
import { simplePages, type IndexedWheel } from '@pinpack/python-dist';
import { parseWheelList, WHEEL_LIST } from './wheel-list.js';

export interface IndexRequest {
  label: string;
  /** The publication that is or becomes the latest: its wheels take precedence over others with the same file name. */
  latest: string | undefined;
  /** Publications that are about to be removed. */
  without?: readonly string[];
}

const LIST_LIMIT = 16 << 20;
const TURNS = 10;

/**
 * Writes all pages, and removes those of projects that no publication has. Repeats if publications came or went in the meantime, so that the last of several
 * publishers has seen all of them.
 */
export async function writeMovingIndex(publication: Publications, request: IndexRequest): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    const ids = await idsOf(publication, request);
    await writePages(publication, request.label, ids);
    if ((await idsOf(publication, request)).join() === ids.join()) return;
  }
}

/** The latest first, then the newest. */
async function idsOf(publication: Publications, { label, latest, without = [] }: IndexRequest): Promise<string[]> {
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
  // Removed in the meantime.
  if (bytes === undefined) return [];
  const folder = `../../releases/${id}/wheels`;
  return parseWheelList(`${label}/releases/${id}/${WHEEL_LIST}`, bytes).map((wheel) => ({ ...wheel, folder }));
}
