// Fails a benchmark whose result came from a cache where it measures work, and one that did work where it measures a cache.
// The evidence is the store's journal, which does not depend on the wording of any message, and the output of Nx, pinpack and dnf.

const NX_TASK_HIT = /\[(?:local cache|remote cache|existing outputs match the cache, left as is)\]/;
const NX_HIT_COUNT = /Nx read the output from the cache instead of running the command for (\d+) out of (\d+) tasks/;
const STORE_OUTPUT = /\bfrom the store\b/;
const DNF_HIT = /\[SKIPPED\].*Already downloaded|is already installed|^Nothing to do/;
/** A run may have hundreds of hits; an error shows the first. */
const SHOWN = 10;
/** The store abbreviates keys in a job summary to this many characters. */
const SHORT_KEY = 12;

/**
 * @typedef {Pick<import('@pinpack/build-store').StoreEvent, 'event' | 'kind' | 'key' | 'name'> & { from?: string }} StoreEvent
 *
 * @typedef {object} Evidence
 * @property {string} output - of the run's programs
 * @property {StoreEvent[]} events - the store's, in order
 */

export class CacheGuardError extends Error {
  /** @param {'BENCH_CACHE_HIT' | 'BENCH_CACHE_MISS' | 'BENCH_JOURNAL_EMPTY'} code @param {string} message */
  constructor(code, message) {
    super(`${message}\n  Code: ${code}`);
    this.name = 'CacheGuardError';
    this.code = code;
  }
}

/**
 * Every hit except those on entries that the run itself added: two tasks of one run may share a download.
 *
 * @param {Evidence} evidence
 * @returns {string[]} one line for each hit
 */
export function findCacheHits({ output, events }) {
  const lines = output.split('\n').map((line) => line.trim());
  const isHit = (/** @type {string} */ line) =>
    NX_TASK_HIT.test(line) || NX_HIT_COUNT.test(line) || DNF_HIT.test(line) || isUnrecordedHit(line, events);
  return [...lines.filter(isHit), ...hitsOnEarlierEntries(events).map(describeHit)];
}

/** Messages count only if nothing was recorded; a journal also identifies entries that the run itself added. */
function isUnrecordedHit(line, events) {
  return events.length === 0 && STORE_OUTPUT.test(line);
}

function hitsOnEarlierEntries(events) {
  const missed = new Set();
  return events.filter(({ event, kind, key }) => {
    const entry = `${kind} ${key.slice(0, SHORT_KEY)}`;
    if (event === 'miss') missed.add(entry);
    return event === 'hit' && !missed.has(entry);
  });
}

function describeHit({ kind, key, name, from }) {
  const entry = name === '' ? key.slice(0, SHORT_KEY) : name;
  return `store: hit ${kind} ${entry}${from === undefined ? '' : `, ${from}`}`;
}

/**
 * @param {string} name - of the contestant or step, for the message
 * @param {Evidence} run
 * @param {{ usesStore?: boolean }} [options] - `usesStore`: the run must have asked a store, so an empty journal proves nothing
 * @throws {CacheGuardError} if something came from a cache
 */
export function requireColdRun(name, run, { usesStore = false } = {}) {
  const hits = findCacheHits(run);
  if (hits.length > 0) {
    throw new CacheGuardError(
      'BENCH_CACHE_HIT',
      `bench: ${name}: a cold run took results from a cache, so its figures are not those of the work\n` +
        `  Found ${hits.length}, expected 0:\n${shown(hits)}\n` +
        '  Give the run empty caches (emptyCaches) or PINPACK_STORE_MODE=off, and a store that nothing has filled.',
    );
  }
  if (usesStore && !run.events.some(({ event }) => event === 'miss')) {
    throw new CacheGuardError(
      'BENCH_JOURNAL_EMPTY',
      `bench: ${name}: the store's journal records no lookup, so hits would go unnoticed\n` +
        '  Found 0 misses, expected at least 1. Check that the run has a store and writes its journal (measure.mjs).',
    );
  }
}

/**
 * @param {string} name
 * @param {Evidence} run - of Nx
 * @param {{ from?: 'remote' }} [options] - `remote`: every hit must come from the remote cache
 * @throws {CacheGuardError} unless every task was a cache hit
 */
export function requireNxHits(name, { output }, { from } = {}) {
  const [, hits = '0', tasks = '?'] = NX_HIT_COUNT.exec(output) ?? [];
  const isRemote = from !== 'remote' || !/\[local cache\]|\[existing outputs match/.test(output);
  if (hits === tasks && isRemote) return;
  const found = isRemote ? `${hits} of ${tasks} tasks` : 'hits of the local cache';
  throw missError(
    name,
    output,
    `Found ${found}, expected every task${from === undefined ? '' : ` from ${from} cache`}`,
  );
}

/**
 * @param {string} name
 * @param {Evidence} run - of Nx
 * @param {{ least: number, most: number }} options - number of tasks that had to run
 * @throws {CacheGuardError} if fewer or more tasks ran
 */
export function requireFewMisses(name, { output }, { least, most }) {
  const [, hits = '0', tasks = '0'] = NX_HIT_COUNT.exec(output) ?? [];
  const misses = Number(tasks) - Number(hits);
  if (tasks !== '0' && misses >= least && misses <= most) return;
  throw missError(name, output, `Found ${misses} of ${tasks} tasks that ran, expected ${least} to ${most}`);
}

/**
 * @param {string} name
 * @param {Evidence} run
 * @param {{ least?: number, from?: 'local' | 'remote' }} [options] - `from`: every hit must come from there
 * @throws {CacheGuardError} if the store answered fewer lookups than `least`, or from another place
 */
export function requireStoreHits(name, { output, events }, { least = 1, from } = {}) {
  const hits = events.filter(({ event }) => event === 'hit');
  const others = from === undefined ? [] : hits.filter((hit) => hit.from !== from);
  if (hits.length >= least && others.length === 0) return;
  const where = from === undefined ? '' : `, all ${from}`;
  const found = `${hits.length} hits of the store, ${others.length} of them from elsewhere`;
  throw missError(name, output, `Found ${found}, expected at least ${least}${where}`);
}

function missError(name, output, finding) {
  return new CacheGuardError(
    'BENCH_CACHE_MISS',
    `bench: ${name}: a warm run did not take its results from the cache that it measures\n` +
      `  ${finding}. Its output ends with:\n${shown(output.trimEnd().split('\n').slice(-SHOWN))}`,
  );
}

function shown(lines) {
  const more = lines.length > SHOWN ? [`(${lines.length - SHOWN} more)`] : [];
  return [...lines.slice(0, SHOWN), ...more].map((line) => `    ${line}`).join('\n');
}
