// Measures programs, everything that they start included: see measure.py.
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const MEASURE = fileURLToPath(new URL('measure.py', import.meta.url));
const LAST_LINES = 20;

/**
 * @typedef {object} Order
 * @property {string[][]} commands - argument lists
 * @property {boolean} [atOnce] - all at the same time; default one after the other
 * @property {string} folder - where they run
 * @property {Record<string, string>} [environment] - added to this process's own
 *
 * @typedef {object} Measure
 * @property {number} wall - seconds
 * @property {number} cpu - seconds of processor, user and system, of all processes
 * @property {number} peakMb - MB (10^6 bytes) of the largest process
 * @property {string} output - what the programs wrote
 */

/**
 * @param {Order} order
 * @returns {Promise<Measure>}
 */
export async function runMeasured({ commands, atOnce = false, folder, environment = {} }) {
  const input = JSON.stringify({ commands, at_once: atOnce, folder, environment });
  const { stdout, stderr, exitCode } = await execa('python3', [MEASURE], { input, reject: false });
  if (exitCode !== 0) {
    const shown = commands.map((command) => command.join(' ')).join('\n  ');
    const output = stderr.split('\n').slice(-LAST_LINES).join('\n  ');
    throw new Error(`bench: a program failed with exit code ${exitCode}\n  ${shown}\n  ${output}`);
  }
  const { wall, cpu, peak_kb: peakKb } = JSON.parse(stdout);
  return { wall, cpu, peakMb: (peakKb * 1024) / 1e6, output: stderr };
}
