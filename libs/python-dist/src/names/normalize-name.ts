/** Names of distributions (PEP 503, and PEP 508 for which names are valid). */

const VALID_NAME = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/i;

/** Normalizes a name by PEP 503: lower case; runs of `-`, `_` and `.` become one `-`. */
export function normalizeName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** Whether PEP 508 allows the name (before normalization). */
export function isValidName(name: string): boolean {
  return VALID_NAME.test(name);
}
