// `nx run <reqset>:report`: reports the wheels that a reqset adds to the other reqsets of the workspace. Reads the locks, and the licences of built wheels.
import type { ExecutorContext } from '@nx/devkit';
import type { Lock } from '@pinpack/python-dist';
import { printAnswer, type AnswerOptions } from '../../reports/print-answer.js';
import { runReported } from '../../tasks/report-failure.js';
import { readLockedSets } from '../../workspace/locked-sets.js';
import { setLabel } from '@pinpack/rpm-packaging';
import { readLock } from '../../workspace/read-lock.js';
import { findUnknownLicenses, formatUnknownLicenses } from '../../reports/unknown-licenses.js';
import { formatReport, reportSets } from '../../reports/report-sets.js';

export interface ReportOptions extends AnswerOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
}

export default async function report(
  { reqset: set, ...answer }: ReportOptions,
  { root }: Pick<ExecutorContext, 'root'>,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    // First, so that a missing lock is reported.
    const lock = readLock(root, set);
    const made = reportSets(readLocks(root));
    const licenses = await findUnknownLicenses(root, set, lock);
    const text = `${formatReport(made, setLabel(set))}${formatUnknownLicenses(licenses, setLabel(set))}`;
    await printAnswer(root, answer, { value: { ...made, licenses }, text });
  });
}

/** All locks of the workspace by the label of their set. */
function readLocks(root: string): Map<string, Lock> {
  return new Map(readLockedSets(root).map((set) => [setLabel(set), readLock(root, set)]));
}
