// `nx run <reqset>:releases`: lists the publications of a set.
import type { ExecutorContext } from '@nx/devkit';
import { pluginOptions } from '../../workspace/plugin-options.js';
import { openConfigured } from '../../publishing/open-configured.js';
import { printAnswer, type AnswerOptions } from '../../reports/print-answer.js';
import { runReported } from '../../tasks/report-failure.js';
import { setLabel } from '@pinpack/rpm-packaging';
import { formatPublications, summarizePublications } from '../../publishing/summarize-publications.js';

export interface ReleasesOptions extends AnswerOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
}

export default async function releases(
  { reqset: set, ...answer }: ReleasesOptions,
  { root, nxJsonConfiguration }: Pick<ExecutorContext, 'root' | 'nxJsonConfiguration'>,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const { publication, url } = await openConfigured(pluginOptions(nxJsonConfiguration), process.env);
    const label = setLabel(set);
    const found = await publication.list(label);
    const whole = await Promise.all(
      found.map(async (facts) => ({ ...facts, files: (await publication.readRecord(label, facts.id))?.files ?? [] })),
    );
    const summaries = summarizePublications(whole);
    const { location } = publication;
    await printAnswer(root, answer, {
      value: { label, location, url: `${url}/${label}`, releases: summaries },
      text: formatPublications(summaries, { label, location }),
    });
  });
}
