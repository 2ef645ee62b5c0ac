// Which wheel RPMs share a layer. Pure: one for each, so that images share them and an upgrade ships one; grouped where there would be too many.
import { createHash } from 'node:crypto';

export interface LayerMember {
  /** Of the RPM. */
  name: string;
  /** Bytes, installed. */
  size: number;
}

export interface LayerGroup<Member> {
  /** The RPM's name, or that of the group. */
  name: string;
  members: Member[];
}

/** Container engines stack some 127 layers; a base has some of its own, and the application has one. */
export const MOST_LAYERS = 100;
const GROUPS = 20;

/**
 * One layer for each, in the order of their names, `last` at the end, since what changes most often belongs above what doesn't.
 *
 * Where there are more than `most`, the largest keep theirs, and the others share a fixed number of groups, each in one by a digest of its name:
 * so a pin that comes or goes changes one group. Size counts by powers of two: an upgrade seldom makes a pin change its place.
 */
export function planLayers<Member extends LayerMember>(
  members: readonly Member[],
  last: string,
  most = MOST_LAYERS,
): LayerGroup<Member>[] {
  const sorted = [...members].sort(byName);
  const own = new Set(sorted.length <= most ? sorted : largest(sorted, last, most - GROUPS));
  const groups = new Map<number, Member[]>();
  for (const member of sorted.filter((each) => !own.has(each))) {
    const number = groupOf(member.name);
    groups.set(number, [...(groups.get(number) ?? []), member]);
  }
  return [
    ...[...groups]
      .sort(([a], [b]) => a - b)
      .map(([number, shared]) => ({ name: `group-${String(number).padStart(2, '0')}`, members: shared })),
    ...[...own]
      .sort((a, b) => Number(a.name === last) - Number(b.name === last) || byName(a, b))
      .map((member) => ({ name: member.name, members: [member] })),
  ];
}

function largest<Member extends LayerMember>(members: readonly Member[], last: string, count: number): Member[] {
  const rank = ({ name, size }: LayerMember): number => (name === last ? Infinity : Math.floor(Math.log2(size + 1)));
  return [...members].sort((a, b) => rank(b) - rank(a) || byName(a, b)).slice(0, count);
}

function groupOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE() % GROUPS;
}

function byName(a: LayerMember, b: LayerMember): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
