// Closes the session after the tasks: uploads pending entries until the deadline, and prints the summary of the run.
import { appendFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { PostTasksExecutionContext } from '@nx/devkit';
import { text } from 'node:stream/consumers';
import { readRun } from '@pinpack/build-store';
import { readOrigins } from '../tasks/task-origins.js';
import { readSession, removeOldRuns, removeRunFolder, type Session } from './run-folder.js';
import { FINISH_PATH, finishStore, openRunStore, type Finished } from './run-store.js';
import { formatJobSummary, formatSummary, type RunResult } from './summary.js';
import { describeTasks, type RunTask } from './run-tasks.js';
import { printLines } from './print-lines.js';

/** The time that a server may take beyond the deadline, to abort uploads in progress. */
const GRACE_MS = 10_000;

/** @param results - of all tasks of the run */
export async function closeSession(folder: string, results: PostTasksExecutionContext['taskResults']): Promise<void> {
  const session = readSession(folder);
  if (session === undefined) return;
  try {
    const { plan } = session;
    const tasks = describeTasks(results, readOrigins(folder));
    const finished =
      (await askServer(session, tasks)) ??
      (await finishStore(await openRunStore(plan, folder), { plan, folder, tasks }));
    const result: RunResult = {
      ...finished,
      tasks,
      ...(await readRun(folder)),
      deadline: plan.deadline,
      isFolder: plan.url.startsWith('file:'),
    };
    await printLines(formatSummary(result, session.isVerbose), session.clients);
    if (session.jobSummary !== undefined) await appendFile(session.jobSummary, formatJobSummary(result));
  } finally {
    removeRunFolder(folder);
    removeOldRuns(folder, Date.now());
  }
}

/** @returns undefined if the server has ended */
async function askServer({ server, plan }: Session, tasks: readonly RunTask[]): Promise<Finished | undefined> {
  const answer = new Promise<Finished>((resolve, reject) => {
    request(`${server.url}${FINISH_PATH}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${server.token}` },
      agent: false,
      signal: AbortSignal.timeout(plan.deadline + GRACE_MS),
    })
      .on('response', (response) => {
        text(response)
          .then((body) => {
            resolve(JSON.parse(body) as Finished);
          })
          .catch(reject);
      })
      .on('error', reject)
      .end(JSON.stringify(tasks));
  });
  return answer.catch(() => undefined);
}
