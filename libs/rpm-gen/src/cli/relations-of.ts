// The relations of a header as text: `bash >= 4`. One that is needed at several moments is listed once, as rpm does.
import { formatRelation } from '../relation.js';
import type { HeaderTags } from '../tags.js';

export const RELATION_KINDS = [
  'provides',
  'requires',
  'conflicts',
  'obsoletes',
  'recommends',
  'suggests',
  'supplements',
  'enhances',
] as const;

type RelationKind = (typeof RELATION_KINDS)[number];

export function relationsOf(header: HeaderTags): Record<RelationKind, string[]> {
  const texts = (names: string[] = [], flags: number[] = [], versions: string[] = []) => [
    ...new Set(names.map((name, at) => formatRelation({ name, flags: flags[at] ?? 0, version: versions[at] ?? '' }))),
  ];
  return {
    provides: texts(header.PROVIDENAME, header.PROVIDEFLAGS, header.PROVIDEVERSION),
    requires: texts(header.REQUIRENAME, header.REQUIREFLAGS, header.REQUIREVERSION),
    conflicts: texts(header.CONFLICTNAME, header.CONFLICTFLAGS, header.CONFLICTVERSION),
    obsoletes: texts(header.OBSOLETENAME, header.OBSOLETEFLAGS, header.OBSOLETEVERSION),
    recommends: texts(header.RECOMMENDNAME, header.RECOMMENDFLAGS, header.RECOMMENDVERSION),
    suggests: texts(header.SUGGESTNAME, header.SUGGESTFLAGS, header.SUGGESTVERSION),
    supplements: texts(header.SUPPLEMENTNAME, header.SUPPLEMENTFLAGS, header.SUPPLEMENTVERSION),
    enhances: texts(header.ENHANCENAME, header.ENHANCEFLAGS, header.ENHANCEVERSION),
  };
}
