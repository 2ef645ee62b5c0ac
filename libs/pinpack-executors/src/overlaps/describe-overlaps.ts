// Describes pins that install the same paths with different contents. Pure.
import type { Overlap } from '@pinpack/python-dist';

const SHOWN_PATHS = 5;
const SHOWN_PAIRS = 20;

/** Groups of pins that may install the same paths, from reqset.json or from `[tool.pinpack]`. */
export type OverlapGroups = readonly (readonly string[])[];

/** Whether a group has both pins. Nothing can allow what no environment can contain. */
export function isAllowed({ pins, isImpossible }: Overlap, groups: OverlapGroups): boolean {
  return !isImpossible && groups.some((group) => pins.every((name) => group.includes(name)));
}

/** `htmlmin and htmlmin2 install 3 paths with different contents: bin/htmlmin, htmlmin/__init__.py, htmlmin/main.py` */
export function describeOverlap({ pins, paths, isImpossible }: Overlap): string {
  const shown = paths.slice(0, SHOWN_PATHS).join(', ');
  const rest = paths.length > SHOWN_PATHS ? ` and ${paths.length - SHOWN_PATHS} more` : '';
  const count = paths.length === 1 ? 'a path' : `${paths.length} paths`;
  const what = isImpossible ? 'that are files of one and folders of the other' : 'with different contents';
  return `${pins.join(' and ')} install ${count} ${what}: ${shown}${rest}`;
}

/** The setting that allows overlaps: `[["htmlmin", "htmlmin2"]]`. */
export function formatGroups(overlaps: readonly Overlap[]): string {
  const groups = overlaps.filter(({ isImpossible }) => !isImpossible).slice(0, SHOWN_PAIRS);
  return `[${groups.map(({ pins }) => `[${pins.map((name) => JSON.stringify(name)).join(', ')}]`).join(', ')}]`;
}

/** At most 20 lines. */
export function describeOverlaps(overlaps: readonly Overlap[]): string[] {
  const lines = overlaps.slice(0, SHOWN_PAIRS).map((overlap) => `- ${describeOverlap(overlap)}`);
  return overlaps.length > SHOWN_PAIRS ? [...lines, `and ${overlaps.length - SHOWN_PAIRS} more pairs of pins`] : lines;
}
