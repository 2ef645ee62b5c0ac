// Assigns distributions to indexes ("index" in reqset.json), so that an internal name is taken only from the internal index.
import { normalizeName } from '../names/normalize-name.js';

/** Names of indexes by distribution. `*` in a distribution's name stands for any text: `{"acme-*": "internal", "*": "default"}`. */
export type IndexAssignments = Readonly<Record<string, string>>;

/** The index of a distribution, by the most specific pattern. @param project - PEP 503 name */
export function assignedIndex(
  assignments: IndexAssignments,
  project: string,
): { index: string; pattern: string } | undefined {
  const matching = Object.entries(assignments)
    .filter(([pattern]) => matches(pattern, project))
    // A name without `*` is longer than any pattern that it matches, or as long.
    .sort(([a], [b]) => rank(b) - rank(a));
  const [best] = matching;
  return best && { pattern: best[0], index: best[1] };
}

function rank(pattern: string): number {
  return pattern.replaceAll('*', '').length * 2 + (pattern.includes('*') ? 0 : 1);
}

/** Linear in the length of both texts, unlike a regular expression with several `.*`. */
function matches(pattern: string, project: string): boolean {
  const [first = '', ...rest] = normalizePattern(pattern).split('*');
  if (rest.length === 0) return first === project;
  const last = rest.pop() ?? '';
  if (!project.startsWith(first) || project.length < first.length + last.length || !project.endsWith(last))
    return false;
  let at = first.length;
  for (const part of rest) {
    const found = project.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= project.length - last.length;
}

/** `Acme_*` matches the same names as `acme-*`. */
function normalizePattern(pattern: string): string {
  return pattern.split('*').map(normalizeName).join('*');
}
