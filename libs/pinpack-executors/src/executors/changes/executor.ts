// `nx run <reqset>:changes --since origin/main`: summarizes for a pull request what the lock changes. Reads the lock of the working tree and that of git.
import { appendFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { setLabel } from '@pinpack/rpm-packaging';
import { compareLocks, formatChanges } from '../../reports/compare-locks.js';
import { runReported } from '../../tasks/report-failure.js';
import { readLockAt } from '../../workspace/read-lock-at.js';
import { readLock } from '../../workspace/read-lock.js';

export interface ChangesOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
  since?: string;
  output?: string;
  json?: boolean;
}

export default async function changes(
  { reqset: set, since = 'HEAD', output, json }: ChangesOptions,
  { root }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const found = compareLocks(await readLockAt(root, set, since), readLock(root, set));
    const label = setLabel(set);
    const text = json === true ? JSON.stringify(found, null, 2) : formatChanges(label, found);
    if (output === undefined) console.log(text === '' ? `${label}: the lock is the same as at ${since}` : text);
    // Several sets may write to one file.
    else if (text !== '') await appendFile(resolve(root, output), `${text}\n`);
  });
}
