// Files that aren't a release's, and change: what is there already isn't sent again.
import { inParallel } from './in-parallel.js';
import type { PublicationTarget, PublishedFile } from './publication-target.js';

export async function writeChanging(
  place: PublicationTarget,
  label: string,
  files: readonly PublishedFile[],
): Promise<{ written: number }> {
  const targets = await Promise.all(
    files.map(async (file) => {
      const path = `${label}/${file.path}`;
      const twin = await place.indexTwin(path);
      return twin === undefined
        ? [{ path, file }]
        : [
            { path: twin, file },
            { path, file },
          ];
    }),
  );
  const written = await inParallel(targets.flat(), place.atOnce, async ({ path, file }) => {
    const found = await place.digest(path);
    if (found?.sha256 === file.sha256 && found.size === file.size) return false;
    return place.replace(path, file, 'any');
  });
  return { written: written.filter(Boolean).length };
}
