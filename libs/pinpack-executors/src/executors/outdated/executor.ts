// `nx run <reqset>:outdated`: lists newer versions of the pins and the cost of an upgrade. Reads the index and changes nothing.
import type { ExecutorContext } from '@nx/devkit';
import { lockReqset, newestVersions } from '@pinpack/python-dist';
import { printAnswer, type AnswerOptions } from '../../reports/print-answer.js';
import { runReported } from '../../tasks/report-failure.js';
import { setLabel } from '@pinpack/rpm-packaging';
import { readLockInputs } from '../../workspace/read-lock-inputs.js';
import { readLock } from '../../workspace/read-lock.js';
import { openLockTools } from '../../locking/open-lock-tools.js';
import { formatUpdates, planUpdates } from '../../reports/plan-updates.js';

export interface OutdatedOptions extends AnswerOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
}

export default async function outdated(
  { reqset: set, ...answer }: OutdatedOptions,
  { root, nxJsonConfiguration }: Pick<ExecutorContext, 'root' | 'nxJsonConfiguration'>,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const lock = readLock(root, set);
    const inputs = await readLockInputs(root, set);
    // Standard output carries the result only.
    const tools = await openLockTools(root, nxJsonConfiguration, (line) => {
      console.error(line);
    });
    const upgraded = await lockReqset(setLabel(set), inputs, tools, { previous: lock, upgrade: 'all' });
    const fromIndex = lock.packages.filter(({ source }) => source.kind !== 'directory');
    const newest = await newestVersions(fromIndex, lock, {
      ...tools,
      index: tools.index.assigning(inputs.indexes),
    });
    const updates = planUpdates(set, lock, upgraded, newest);
    await printAnswer(root, answer, { value: updates, text: formatUpdates(set, updates, lock.packages.length) });
  });
}
