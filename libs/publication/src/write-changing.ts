// Writes mutable files, which belong to no publication. Files with the same content are not uploaded again.
import { mapUntilFailure } from './map-until-failure.js';
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
  const write = async ({ path, file }: { path: string; file: PublishedFile }): Promise<boolean> => {
    const found = await target.digest(path);
    if (found?.sha256 === file.sha256 && found.size === file.size) return false;
    return target.replace(path, file, 'any');
  };
  const written = await mapUntilFailure(targets.flat(), write, target.atOnce);
  return { written: written.filter(Boolean).length };
}
