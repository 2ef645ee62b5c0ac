// Measures programs including everything that they start (measure.py), and enforces what they may take from caches.
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { requireColdRun } from './cache-guard.mjs';
import { withJournal } from './journal.mjs';

const MEASURE = fileURLToPath(new URL('measure.py', import.meta.url));
const LAST_LINES = 20;

/**
 * @typedef {object} RunRequest
 * @property {string[][]} commands - argument lists
 * @property {boolean} [atOnce] - all at the same time; default one after the other
 * @property {string} folder - the working directory
 * @property {Record<string, string | null>} [environment] - added to this process's own; null removes a variable
 *
 * @typedef {object} Measure
 * @property {number} wall - seconds
 * @property {number} cpu - seconds of processor, user and system, of all processes
 * @property {number} peakMb - MB (10^6 bytes) of the largest process
 * @property {string} output - stdout and stderr of the programs
 * @property {import('./cache-guard.mjs').StoreEvent[]} events - what the programs asked the store for
 */

/**
 * @param {RunRequest} request
 * @returns {Promise<Measure>}
 */
export async function runMeasured({ commands, atOnce = false, folder, environment = {} }) {
  return withJournal(async (journal) => {
    const input = JSON.stringify({ commands, at_once: atOnce, folder, environment: { ...environment, ...journal } });
    const { stdout, stderr, exitCode } = await execa('python3', [MEASURE], { input, reject: false });
    if (exitCode !== 0) {
      const shown = commands.map((command) => command.join(' ')).join('\n  ');
      const output = stderr.split('\n').slice(-LAST_LINES).join('\n  ');
      throw new Error(`bench: a program failed with exit code ${exitCode}\n  ${shown}\n  ${output}`);
    }
    const { wall, cpu, peak_kb: peakKb } = JSON.parse(stdout);
    return { wall, cpu, peakMb: (peakKb * 1024) / 1e6, output: stderr };
  });
}

/**
 * Measures a run that must take nothing from a cache.
 *
 * @param {string} name - of the contestant, for the message
 * @param {RunRequest} request
 * @param {{ usesStore?: boolean }} [options]
 */
export async function runCold(name, request, options) {
  const measure = await runMeasured(request);
  requireColdRun(name, measure, options);
  return measure;
}
