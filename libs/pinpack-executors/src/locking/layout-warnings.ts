// Warns of a layout that a later release removes.
import type { Lock } from '@pinpack/python-dist';

/** @param label - the set's: `multi-py311` */
export function layoutWarnings(label: string, { layout }: Pick<Lock, 'layout'>): string[] {
  if (layout !== 'stored') return [];
  return [
    `${label}: reqset.json has "layout": "stored", which the release after the next removes; "fleet": "patches" instead makes upgrades smaller, on servers with pinpack-dnf`,
  ];
}
