// Unpacks the wheel of a wheel RPM with layout `stored` for an image's layer, at the paths of layout `tree`, so that both layouts give the same image.
// (On a server, pinpack-runtime unpacks it.)
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LayerEntry } from '@pinpack/oci-image';
import { NO_WHEEL_LIMITS, openWheel, readContents } from '@pinpack/python-dist';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import { formatCanonicalFacts, parseCanonicalFacts } from '../wheel-rpm/canonical-facts.js';
import { FACTS } from '../wheel-rpm/wheel-rpm-paths.js';

const STORED = '.whl.stored';

/** The folder of the unpacked wheel, for a path of a manifest. */
export function treeOf(path: string): string {
  return path.endsWith(STORED) ? path.slice(0, -STORED.length) : path;
}

/** Entries of a wheel RPM with the files of its wheel in place of it, as layout `tree` has them. @throws DistError where the wheel is damaged */
export async function unpackStored(entries: readonly LayerEntry[]): Promise<LayerEntry[]> {
  const stored = entries.find(({ path }) => path.endsWith(STORED));
  const known = entries.find(({ path, kind }) => kind === 'file' && path.startsWith(`${FACTS.slice(1)}/`));
  if (stored?.data === undefined || known?.data === undefined) return [...entries];
  const { wheel, distInfo, sha256 } = parseCanonicalFacts(
    Buffer.from(known.data).toString('utf8'),
    known.path,
    'the wheel',
  );
  const tree = treeOf(stored.path);
  const files = await readWheel(stored.data, wheel, tree);
  return [
    // The wheel itself contains its licence texts.
    ...entries.filter((entry) => entry !== stored && entry !== known && !entry.path.startsWith('usr/share/licenses/')),
    { ...known, data: Buffer.from(formatCanonicalFacts({ wheel, distInfo, sha256 })) },
    ...foldersOf(files, tree),
    ...files,
  ];
}

async function readWheel(data: Uint8Array, name: string, tree: string): Promise<LayerEntry[]> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-stored-'));
  try {
    await writeFile(join(folder, name), data);
    const wheel = await openWheel(join(folder, name), NO_WHEEL_LIMITS);
    try {
      const files: LayerEntry[] = [];
      for await (const { entry, data: content } of readContents(wheel)) {
        const path = `${tree}/${entry.name}`;
        files.push({ path, kind: 'file', mode: entry.mode, mtime: DEFAULT_MTIME, data: Buffer.from(content) });
      }
      return files;
    } finally {
      wheel.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function foldersOf(files: readonly LayerEntry[], tree: string): LayerEntry[] {
  const folders = new Set([tree]);
  for (const { path } of files) {
    for (let at = path.lastIndexOf('/'); at > tree.length; at = path.lastIndexOf('/', at - 1))
      folders.add(path.slice(0, at));
  }
  return [...folders].map((path) => ({ path, kind: 'directory', mode: 0o755, mtime: DEFAULT_MTIME }));
}
