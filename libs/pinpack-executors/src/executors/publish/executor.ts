// `nx run <reqset>:publish`: the set's repository and wheels become an immutable release, and then the latest.
import type { ExecutorContext } from '@nx/devkit';
import { StoreError } from '@pinpack/build-store';
import { type Publications, type Published } from '@pinpack/publication';
import { pluginOptions } from '../../workspace/plugin-options.js';
import { formatBytes, Progress } from '@pinpack/common/progress';
import { composeRelease, type ComposedRelease } from '../../publishing/compose-release.js';
import { writeMovingIndex } from '../../publishing/moving-index.js';
import { openConfigured, type ConfiguredPublication } from '../../publishing/open-configured.js';
import { repoFile } from '../../publishing/repo-file.js';
import { runReported } from '../../tasks/report-failure.js';
import { setLabel } from '@pinpack/rpm-packaging';
import { describePublished } from '../../publishing/describe-published.js';

export interface ReleaseOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
}

export default async function publish(
  { reqset: set }: ReleaseOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    // What is misconfigured is said before anything is read.
    const configured = await openConfigured(pluginOptions(nxJsonConfiguration), process.env);
    const release = await composeRelease(root, set);
    await publishSet(configured, setLabel(set), release);
  });
}

async function publishSet(configured: ConfiguredPublication, label: string, release: ComposedRelease): Promise<void> {
  const { publication, url } = configured;
  const { files, key } = release;
  const total = { items: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
  const progress = new Progress('publish', total);
  const published = await publication.publish({
    ...{ label, files, url },
    onFile: ({ path, size }, arrival) => {
      progress.advance(size);
      if (arrival === 'uploaded' && LARGE.test(path)) progress.done(`${label}: uploaded ${path}, ${formatBytes(size)}`);
    },
    beforeSwitch: async (id) => {
      const changing = [repoFile({ label, url, isSigned: key !== undefined }), ...(key === undefined ? [] : [key])];
      await publication.write(label, changing);
      await writeMovingIndex(publication, { label, latest: id });
    },
  });
  console.log(describePublished({ label, location: publication.location, published, files }));
  await retire(configured, label, published);
}

const LARGE = /\.(?:d?rpm|whl)$/;

/** The release is out: who may not remove old ones has published all the same. */
async function retire(
  { publication, settings }: ConfiguredPublication,
  label: string,
  published: Published,
): Promise<void> {
  try {
    await retireOld(publication, { label, keep: settings.keep, spare: [published.before ?? published.id] });
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'STORE_FORBIDDEN') throw error;
    console.warn(`${label}: old releases stay: ${error.message}`);
  }
}

async function retireOld(
  publication: Publications,
  { label, keep, spare }: { label: string; keep: number; spare: string[] },
): Promise<void> {
  const all = (await publication.list(label)).map(({ id }) => id);
  const { removed, kept } = await publication.retire({
    ...{ label, keep, spare },
    beforeRemoval: async (staying) => {
      const without = all.filter((id) => !staying.includes(id));
      await writeMovingIndex(publication, { label, latest: await publication.latest(label), without });
    },
  });
  if (removed.length === 0) return;
  // Another publisher may have written the index with the removed ones meanwhile.
  await writeMovingIndex(publication, { label, latest: await publication.latest(label) });
  console.log(
    `${label}: ${removed.length} old ${removed.length === 1 ? 'release' : 'releases'} removed, ${kept.length} kept`,
  );
}
