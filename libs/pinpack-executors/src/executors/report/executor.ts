// `nx run <reqset>:report`: what the reqset adds to the others of the workspace. Reads the locks, and nothing else.
import type { ExecutorContext } from '@nx/devkit';
import type { Lock } from '@pinpack/python-dist';
import { runReported } from '../../tasks/report-failure.js';
import { readLockedSets } from '../../workspace/locked-sets.js';
import { setLabel } from '@pinpack/rpm-packaging';
import { readLock } from '../../workspace/read-lock.js';
import { formatReport, reportSets } from '../../reports/report-sets.js';

export interface ReportOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
  json?: boolean;
}

export default async function report(
  { reqset: set, json }: ReportOptions,
  { root }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(() => {
    // First, for the message where it has no lock.
    readLock(root, set);
    const made = reportSets(readLocks(root));
    console.log(json === true ? JSON.stringify(made, null, 2) : formatReport(made, setLabel(set)));
    return Promise.resolve();
  });
}

/** Every lock of the workspace, by the label of its set. */
function readLocks(root: string): Map<string, Lock> {
  return new Map(readLockedSets(root).map((set) => [setLabel(set), readLock(root, set)]));
}
