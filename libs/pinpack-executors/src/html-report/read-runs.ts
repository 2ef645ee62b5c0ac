// Reads the reports of recent runs from the store: cache hits, and durations of tasks.
import { CodedError, messageWithCode } from '@pinpack/common/coded-error';
import { openRunReports, type Durations, type RunReport } from '@pinpack/build-store';
import type { PluginOptions } from '../workspace/plugin-options.js';

export interface Runs {
  /** Newest first. */
  reports: RunReport[];
  durations: Durations;
  /** For the page. */
  text: string;
}

const TIME_MS = 15_000;

/** Without a store there are none. */
export async function readRuns({
  options: { store },
  environment,
  now,
}: {
  options: PluginOptions;
  environment: NodeJS.ProcessEnv;
  now: Date;
}): Promise<Runs> {
  const none = { reports: [], durations: new Map<string, number>() };
  try {
    const found = await openRunReports({ url: store, environment });
    if (found === undefined) return { ...none, text: 'the store is off' };
    const signal = AbortSignal.timeout(TIME_MS);
    const reports = await found.recent(now, { signal });
    const durations = await found.durations(now, { signal });
    return { reports, durations, text: `${reports.length} recent runs` };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { ...none, text: messageWithCode(error as CodedError) };
  }
}
