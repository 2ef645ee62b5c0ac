// Formats numbers and times for people.
import { formatBytes } from '@pinpack/common/format-bytes';

const DAY_MS = 24 * 60 * 60_000;
const DATE = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' });
const TIME = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const NUMBER = new Intl.NumberFormat('en');

export const UNKNOWN = '–';

export function bytes(value: number | undefined): string {
  return value === undefined ? UNKNOWN : formatBytes(value);
}

export function difference(value: number): string {
  return `${value < 0 ? '−' : '+'}${formatBytes(Math.abs(value))}`;
}

export function number(value: number): string {
  return NUMBER.format(value);
}

export function count(value: number, one: string): string {
  return `${number(value)} ${value === 1 ? one : `${one}s`}`;
}

/** @param most - characters */
export function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export function date(iso: string): string {
  return DATE.format(new Date(iso));
}

export function time(iso: string): string {
  return `${TIME.format(new Date(iso))} UTC`;
}

export function days(from: string, to: string): number {
  return Math.max(0, Math.floor((Date.parse(to) - Date.parse(from)) / DAY_MS));
}

/** `12 days`, `7 months`, `3.5 years` */
export function age(from: string, to: string): string {
  const total = days(from, to);
  if (total < 60) return count(total, 'day');
  if (total < 730) return count(Math.round(total / 30.44), 'month');
  return `${(total / 365.25).toFixed(1)} years`;
}

export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min ${Math.round((ms % 60_000) / 1000)} s` : `${(ms / 3_600_000).toFixed(1)} h`;
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? UNKNOWN : `${((100 * part) / whole).toFixed(part / whole < 0.1 ? 1 : 0)} %`;
}
