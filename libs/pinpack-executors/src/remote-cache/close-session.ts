// After the tasks: what waits is uploaded until the deadline, and the run is told in a line.
import { appendFile } from 'node:fs/promises';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { readRun } from '@pinpack/build-store';
import { readSession, removeOldRuns, removeRunFolder, type Session } from './run-folder.js';
import { FINISH_PATH, finishStore, openRunStore, type Finished } from './run-store.js';
import { formatJobSummary, formatSummary, type RunResult } from './summary.js';
import { tell } from './tell.js';

/** More than the deadline that a server may take to answer: what was under way is put down first. */
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
    await tell(formatSummary(result, session.isVerbose), session.clients);
    if (session.jobSummary !== undefined) await appendFile(session.jobSummary, formatJobSummary(result));
  } finally {
    removeRunFolder(folder);
    removeOldRuns(folder, Date.now());
  }
}

/** @returns undefined where it's gone */
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
