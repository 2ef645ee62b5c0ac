// Records the store's events of one measured run, for the cache guard.
// Without a session of the plugin, executors append to the folder in PINPACK_STORE_RUN. A session has a folder of its own and removes it at its
// end, after it has written the events to the job summary.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readRun } from '@pinpack/build-store';

const SUMMARY_EVENT = /^pinpack store: (hit|miss|built|uploaded|refused|fault) (\S+) (?:(.+) \((\w{12})\)|(\w+)),(.*)$/;

/**
 * @template Result
 * @param {(environment: Record<string, string>) => Promise<Result>} run
 * @returns {Promise<Result & { events: import('./cache-guard.mjs').StoreEvent[] }>}
 */
export async function withJournal(run) {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-bench-journal-'));
  const summary = join(folder, 'summary.md');
  try {
    const result = await run({ PINPACK_STORE_RUN: folder, GITHUB_STEP_SUMMARY: summary });
    const { events } = await readRun(folder);
    const text = await readFile(summary, 'utf8').catch(ignoreMissing);
    return { ...result, events: [...events, ...parseJobSummary(text)] };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {string} text */
export function parseJobSummary(text) {
  return text.split('\n').flatMap((line) => {
    const [, event, kind, name = '', shortKey, key = shortKey, rest] = SUMMARY_EVENT.exec(line) ?? [];
    if (event === undefined) return [];
    return [{ event, kind, key, name, from: /, (local|remote)$/.exec(rest)?.[1] }];
  });
}

function ignoreMissing(error) {
  if (error.code === 'ENOENT') return '';
  throw error;
}
