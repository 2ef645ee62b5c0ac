// Summarizes measures as medians, spreads and goals, and formats them as Markdown tables.

/**
 * @typedef {object} Summary
 * @property {number} median
 * @property {number} least
 * @property {number} most
 *
 * @typedef {object} Goal
 * @property {string} name
 * @property {number} found
 * @property {number} limit
 * @property {'PASS' | 'MISS'} verdict
 */

/**
 * @param {number[]} values
 * @returns {Summary}
 */
export function summary(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted.at(-1) };
}

/** @param {import('./measure.mjs').Measure[]} measures */
export function summarize(measures) {
  const of = (/** @type {'wall' | 'cpu' | 'peakMb'} */ key) => summary(measures.map((measure) => measure[key]));
  return { wall: of('wall'), cpu: of('cpu'), peakMb: of('peakMb') };
}

/**
 * @param {string} name
 * @param {number} found - less is better
 * @param {number} limit
 * @returns {Goal}
 */
export function goal(name, found, limit) {
  return { name, found, limit, verdict: found <= limit ? 'PASS' : 'MISS' };
}

/** @param {Goal[]} goals */
export function formatGoals(goals) {
  const rows = goals.map(({ name, found, limit, verdict }) => [name, found.toFixed(2), limit.toFixed(2), verdict]);
  return formatTable(['goal', 'found', 'limit', 'verdict'], rows);
}

/** Median, and least to most. @param {Summary} summary */
export function formatSeconds({ median, least, most }) {
  return [median.toFixed(2), `${least.toFixed(2)}–${most.toFixed(2)}`];
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function formatTable(head, rows) {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
