// `nx run <reqset>:publish`: uploads the repository and wheels of a set as an immutable publication and makes it the latest.
import type { ExecutorContext } from '@nx/devkit';
import { StoreError } from '@pinpack/build-store';
import { type Publications, type Published } from '@pinpack/publication';
import { withConfiguredSigner } from '../../repository/publish-tools.js';
import { pluginOptions, vendorOf } from '../../workspace/plugin-options.js';
import { formatBytes, Progress } from '@pinpack/common/progress';
import { composePublication, type ComposedPublication } from '../../publishing/compose-publication.js';
import { describeIndex } from '../../publishing/probe-index.js';
import { writeMovingIndex } from '../../publishing/moving-index.js';
import { openConfigured, type ConfiguredPublication } from '../../publishing/open-configured.js';
import { repoFile } from '../../publishing/repo-file.js';
import { runReported } from '../../tasks/report-failure.js';
import { setLabel } from '@pinpack/rpm-packaging';
import { describePublished, describeUnsigned } from '../../publishing/describe-published.js';
import { writeLatest } from '../../publishing/write-latest.js';

export interface PublishOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
}

export default async function publish(
  { reqset: set }: PublishOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    // First, so that a wrong configuration is reported before anything is read.
    const options = pluginOptions(nxJsonConfiguration);
    const configured = await openConfigured(options, process.env);
    const label = setLabel(set);
    await withConfiguredSigner(configured.settings, async (signer) => {
      const { builder, validDays, reproduce, patchBudget } = configured.settings;
      const { licenses } = options;
      const request = { root, set, vendor: vendorOf(options), builder, signer, reproduce, patchBudget, licenses };
      const composed = await composePublication(request);
      const published = await publishSet(configured, label, composed);
      if (signer === undefined) console.warn(describeUnsigned(label, configured.publication.location));
      else await writeLatest(configured.publication, { label, signer, validDays });
      await retire(configured, label, published);
      for (const line of await describeIndex(label, configured.url)) console.log(line);
    });
  });
}

async function publishSet(
  configured: ConfiguredPublication,
  label: string,
  { files, key }: ComposedPublication,
): Promise<Published> {
  const { publication, url } = configured;
  const total = { items: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) };
  const progress = new Progress('publish', total);
  const upload = () =>
    publication.publish({
      ...{ label, files, url },
      onFile: ({ path, size }, arrival) => {
        progress.advance(size);
        if (arrival === 'uploaded' && LARGE.test(path))
          progress.done(`${label}: uploaded ${path}, ${formatBytes(size)}`);
        else progress.step();
      },
      beforeSwitch: async (id) => {
        const changing = [repoFile({ label, url, isSigned: key !== undefined }), ...(key === undefined ? [] : [key])];
        await publication.write(label, changing);
        await writeMovingIndex(publication, { label, latest: id });
      },
    });
  const published = await progress.during(label, upload);
  console.log(describePublished({ label, location: publication.location, published, files }));
  return published;
}

const LARGE = /\.(?:d?rpm|whl)$/;

/** Removes old publications. Without the permission to remove them, publishing has still succeeded. */
async function retire(
  { publication, settings }: ConfiguredPublication,
  label: string,
  published: Published,
): Promise<void> {
  try {
    await retireOld(publication, { label, keep: settings.keep, spare: [published.before ?? published.id] });
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'STORE_FORBIDDEN') throw error;
    console.warn(`${label}: old publications are kept: ${error.message}`);
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
  // Another publisher may have written the removed ones to the index in the meantime.
  await writeMovingIndex(publication, { label, latest: await publication.latest(label) });
  console.log(
    `${label}: ${removed.length} old ${removed.length === 1 ? 'publication' : 'publications'} removed, ${kept.length} kept`,
  );
}
