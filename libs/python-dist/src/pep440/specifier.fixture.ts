/** Formats specifier sets to compare them with `packaging`. */
import type { Specifier } from './specifier.js';

/** The specifiers as written, joined by commas. */
export function formatSpecifierSet(specifiers: readonly Specifier[]): string {
  return specifiers.map(({ operator, version, wildcard }) => `${operator}${version}${wildcard ? '.*' : ''}`).join(',');
}
