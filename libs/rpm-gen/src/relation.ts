/** One relation with rpm's sense flags (rpm.org, "Dependencies basics"). */
import { normalizeRich, wordsOf } from './rich-relation.js';
import type { Relation, ScriptletName, Sense, When } from './spec.js';

export const SENSE_FLAGS: Record<Sense, number> = { '<': 2, '<=': 10, '=': 8, '>=': 12, '>': 4 };

export const WHEN_FLAGS: Record<When | ScriptletName, number> = {
  posttrans: 1 << 5,
  pretrans: 1 << 7,
  interp: 1 << 8,
  pre: 1 << 9,
  post: 1 << 10,
  preun: 1 << 11,
  postun: 1 << 12,
  verify: 1 << 13,
  preuntrans: 1 << 20,
  postuntrans: 1 << 21,
};

export interface EncodedRelation {
  name: string;
  flags: number;
  version: string;
}

export function encodeRelation({ name, sense, version = '', when = [] }: Relation): EncodedRelation {
  const flags = when.reduce((sum, moment) => sum | WHEN_FLAGS[moment], sense === undefined ? 0 : SENSE_FLAGS[sense]);
  return { name: name.startsWith('(') ? normalizeRich(name).text : name, flags, version };
}

/** The words of a rich dependency, names among them: `(/usr/bin/python3 or pinpack-interpreter)`. Any other name is one word. */
export function operandsOf(name: string): string[] {
  return wordsOf(name).filter((word) => word !== '(' && word !== ')');
}

/** As rpm prints it: name, operator and version. @param flags - of the header; only the comparison counts */
export function formatRelation({ name, flags, version }: EncodedRelation): string {
  const operator = (['<', '>', '='] as const).filter((sign) => (flags & SENSE_FLAGS[sign]) !== 0).join('');
  return operator === '' || version === '' ? name : `${name} ${operator} ${version}`;
}

/** The order in which rpmbuild writes every kind of relation. */
export function compareRelations(a: EncodedRelation, b: EncodedRelation): number {
  return (
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)) ||
    Buffer.compare(Buffer.from(a.version), Buffer.from(b.version)) ||
    a.flags - b.flags
  );
}

/** The versions that a relation names; a rich dependency names several: `(foo >= 1.2~rc1 if bar)`. */
export function versionsOf({ name, version }: Relation): string[] {
  if (version !== undefined) return [version];
  return name.startsWith('(') ? normalizeRich(name).versions : [];
}
