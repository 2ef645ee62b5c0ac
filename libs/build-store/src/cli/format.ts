// Formats and parses sizes, ages and tables. Pure.
import { UsageError } from './command.js';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
const SIZES: Record<string, number> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};
const HOUR_MS = 3_600_000;
const AGES: Record<string, number> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS };

/** `312 MB`, with powers of 1000. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** step;
  return `${step === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[step] ?? ''}`;
}

/** `1 entry`, `2 entries`. */
export function formatCount(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Formats rows as aligned columns. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows
    .map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd() + '\n')
    .join('');
}

/** @param text - `500M`, `10G`, `10Gi`, or a number of bytes. @throws UsageError */
export function parseSize(option: string, text: string): number {
  return parseWithUnit(option, text, SIZES, 'a size such as 500M, 10G or 10Gi');
}

/** @param text - `12h`, `30d`, `8w`. @returns milliseconds. @throws UsageError */
export function parseAge(option: string, text: string): number {
  return parseWithUnit(option, text, AGES, 'an age such as 12h, 30d or 8w');
}

function parseWithUnit(option: string, text: string, units: Record<string, number>, expected: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*?)B?$/.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (number === '' || factor === undefined) throw new UsageError(`--${option} is "${text}", expected ${expected}`);
  return Number(number) * factor;
}
