// The relations of a header as text: `bash >= 4`. One that is needed at several moments is listed once, as rpm does.
import { formatRelation } from '../format-relation.js';
import type { HeaderTags } from '../tags.js';

export type RelationKind =
  'provides' | 'requires' | 'conflicts' | 'obsoletes' | 'recommends' | 'suggests' | 'supplements' | 'enhances';

export function relationsOf(header: HeaderTags): Record<RelationKind, string[]> {
  const texts = (names: string[] = [], flags: number[] = [], versions: string[] = []) => [
    ...new Set(names.map((name, at) => formatRelation(name, flags[at] ?? 0, versions[at] ?? ''))),
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
