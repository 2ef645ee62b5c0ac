// `nx run <reqset>:rollback`: makes an earlier publication the latest. Removes nothing, so that another rollback reverses it.
import type { ExecutorContext } from '@nx/devkit';
import type { PublicationFacts } from '@pinpack/publication';
import { PinpackError } from '../../pinpack-error.js';
import { pluginOptions } from '../../workspace/plugin-options.js';
import { writeMovingIndex } from '../../publishing/moving-index.js';
import { LATEST, LATEST_LIMIT } from '../../publishing/latest-statement.js';
import { openConfigured } from '../../publishing/open-configured.js';
import { writeLatest } from '../../publishing/write-latest.js';
import { withConfiguredSigner } from '../../repository/publish-tools.js';
import { runReported } from '../../tasks/report-failure.js';
import { setLabel } from '@pinpack/rpm-packaging';

export interface RollbackOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
  /** Id of a publication. Default: the one before the latest. */
  to?: string;
}

export default async function rollback(
  { reqset: set, to }: RollbackOptions,
  { nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const { publication, url, settings } = await openConfigured(pluginOptions(nxJsonConfiguration), process.env);
    const label = setLabel(set);
    const id = choosePublication(label, await publication.list(label), to);
    const before = await publication.rollback(label, id, url);
    await writeMovingIndex(publication, { label, latest: id });
    await withConfiguredSigner(settings, async (signer) => {
      if (signer !== undefined) await writeLatest(publication, { label, signer, validDays: settings.validDays });
      else if ((await publication.readChanging(label, LATEST, LATEST_LIMIT)) !== undefined)
        console.warn(`${label}: ${LATEST} still names another publication: configure the key that signs it`);
    });
    const inPlace = before === undefined || before === id ? '' : `, in place of ${before}`;
    console.log(`${label}: publication ${id} at ${publication.location} is the latest${inPlace}`);
  });
}

/** @param publications - newest first. @throws PinpackError `PINPACK_RELEASE_UNKNOWN` */
export function choosePublication(
  label: string,
  publications: readonly PublicationFacts[],
  to: string | undefined,
): string {
  const ids = publications.map(({ id }) => id);
  const latest = publications.findIndex(({ isLatest }) => isLatest);
  const chosen = to === undefined ? ids[latest + 1] : ids.find((id) => id === to);
  if (chosen !== undefined && (to !== undefined || latest >= 0)) return chosen;
  throw new PinpackError('PINPACK_RELEASE_UNKNOWN', label, [
    to === undefined ? 'there is no publication before the latest' : `there is no complete publication ${to}`,
    ids.length === 0
      ? `nothing is published: nx run ${label}:publish`
      : `expected one of these by --to=<id>:\n    ${ids.join('\n    ')}`,
  ]);
}
