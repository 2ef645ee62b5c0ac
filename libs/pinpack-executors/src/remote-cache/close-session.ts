// Closes the session after the tasks: uploads pending entries until the deadline, and prints the summary of the run.
import { appendFile } from 'node:fs/promises';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { readRun } from '@pinpack/build-store';
import { readSession, removeOldRuns, removeRunFolder, type Session } from './run-folder.js';
import { FINISH_PATH, finishStore, openRunStore, type Finished } from './run-store.js';
import { formatJobSummary, formatSummary, type RunResult } from './summary.js';
import { printLines } from './print-lines.js';

/** The time that a server may take beyond the deadline, to abort uploads in progress. */
const GRACE_MS = 10_000;

export async function closeSession(folder: string): Promise<void> {
  const session = readSession(folder);
  if (session === undefined) return;
  try {
    const { plan } = session;
    const finished = (await askServer(session)) ?? (await finishStore(await openRunStore(plan, folder), plan.deadline));
    const result: RunResult = {
      ...finished,
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
async function askServer({ server, plan }: Session): Promise<Finished | undefined> {
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
      .end();
  });
  return answer.catch(() => undefined);
}
