// `nx run <reqset>:report`: reports the wheels that a reqset adds to the other reqsets of the workspace. Reads the locks, and the licences of built wheels.
// With `--html`, it makes a page about the workspace, the reqset or a publication.
import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { formatBytes } from '@pinpack/common/progress';
import type { Lock } from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';
import { printAnswer, type AnswerOptions } from '../../reports/print-answer.js';
import { runReported } from '../../tasks/report-failure.js';
import { readLockedSets } from '../../workspace/locked-sets.js';
import { setLabel } from '@pinpack/rpm-packaging';
import { readLock } from '../../workspace/read-lock.js';
import { findUnknownLicenses, formatUnknownLicenses } from '../../reports/unknown-licenses.js';
import { formatReport, reportSets } from '../../reports/report-sets.js';

export interface ReportOptions extends AnswerOptions {
  /** A set: `reqset3`, `multi/py311`. Without it, the page is about all sets. */
  reqset?: string;
  /** Whether to make a page. `output` is then its file. */
  html?: boolean;
  /** The page is about a publication: `latest`, or its ID. */
  publication?: string;
  /** Whether neither indexes nor publications are read for the page. */
  offline?: boolean;
}

type Context = Pick<ExecutorContext, 'root' | 'nxJsonConfiguration'>;

export default async function report(options: ReportOptions, context: Context): Promise<{ success: boolean }> {
  return runReported(async () => {
    checkOptions(options);
    await (options.html === true ? writePage(options, context) : print(options, context));
  });
}

/** @throws PinpackError `PINPACK_OPTIONS_INVALID` */
function checkOptions({ reqset, html, json, publication, offline }: ReportOptions): void {
  const problems = [
    ...(html !== true && publication !== undefined ? ['--publication needs --html'] : []),
    ...(html !== true && offline === true ? ['--offline needs --html'] : []),
    ...(html === true && json === true ? ['--html and --json exclude each other'] : []),
    ...(publication !== undefined && reqset === undefined ? ['--publication needs a reqset'] : []),
  ];
  if (problems.length > 0) throw new PinpackError('PINPACK_OPTIONS_INVALID', 'report', problems);
}

async function print({ reqset: set, ...answer }: ReportOptions, { root }: Context): Promise<void> {
  if (set === undefined) {
    const made = reportSets(readLocks(root));
    await printAnswer(root, answer, { value: made, text: formatReport(made, undefined) });
    return;
  }
  const label = setLabel(set);
  // First, so that a missing lock is reported.
  const lock = readLock(root, set);
  const made = reportSets(readLocks(root));
  const licenses = await findUnknownLicenses(root, set, lock);
  const text = `${formatReport(made, label)}${formatUnknownLicenses(licenses, label)}`;
  await printAnswer(root, answer, { value: { ...made, licenses }, text });
}

/** All locks of the workspace by the label of their set. */
function readLocks(root: string): Map<string, Lock> {
  return new Map(readLockedSets(root).map((set) => [setLabel(set), readLock(root, set)]));
}

async function writePage(
  { reqset, publication, offline = false, output }: ReportOptions,
  { root, nxJsonConfiguration: nxJson }: Context,
): Promise<void> {
  // Imported lazily: other reports need none of it.
  const { makeReport } = await import('../../html-report/make-report.js');
  const sets = reqset === undefined ? readLockedSets(root) : [reqset];
  const { data, html } = await makeReport({
    ...{ root, nxJson, sets, isWorkspace: reqset === undefined, publication, isOffline: offline },
    ...{ environment: process.env, now: new Date() },
  });
  const file = resolve(root, output ?? `dist/reports/${reqset === undefined ? 'workspace' : setLabel(reqset)}.html`);
  await writeFileAtomically(file, [Buffer.from(html)]);
  for (const { label, sources } of data.sets)
    for (const { name, text } of sources.filter(({ isMissing }) => isMissing))
      console.error(`${label}: without ${name}: ${text.split('\n', 1)[0] ?? ''}`);
  console.log(`${file} (${formatBytes(Buffer.byteLength(html))})`);
}
