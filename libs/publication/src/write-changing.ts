// Files that aren't a release's, and change: what is there already isn't sent again.
import { inParallel } from './in-parallel.js';
import type { PublicationTarget, PublishedFile } from './publication-target.js';

export async function writeChanging(
  target: PublicationTarget,
  label: string,
  files: readonly PublishedFile[],
): Promise<{ written: number }> {
  const targets = await Promise.all(
    files.map(async (file) => {
      const path = `${label}/${file.path}`;
      const twin = await target.indexTwin(path);
      return twin === undefined
        ? [{ path, file }]
        : [
            { path: twin, file },
            { path, file },
          ];
    }),
  );
  const written = await inParallel(targets.flat(), target.atOnce, async ({ path, file }) => {
    const found = await target.digest(path);
    if (found?.sha256 === file.sha256 && found.size === file.size) return false;
    return target.replace(path, file, 'any');
  });
  return { written: written.filter(Boolean).length };
}
