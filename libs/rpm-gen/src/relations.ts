/** Requires, provides and the other relations as parallel arrays (rpm.org, "RPM V4 header tags"). */
import { factsOf } from './architectures.js';
import { formatEvr } from './evr.js';
import {
  compareRelations,
  encodeRelation,
  SENSE_FLAGS,
  versionsOf,
  WHEN_FLAGS,
  type EncodedRelation,
} from './relation.js';
import { LUA, programsOf } from './scriptlets.js';
import type { Relation, RpmSpec } from './spec.js';
import type { UntranslatedTags } from './tags.js';
import { triggerConditions } from './triggers.js';

const RPMLIB_FLAG = 1 << 24;

/** What the payload asks of the rpm that installs it. */
export interface PayloadNeeds {
  xz: boolean;
  zstd: boolean;
  largeFiles: boolean;
  hardLinks: boolean;
  capabilities: boolean;
  /** Format 6 doesn't name what every rpm that reads it can do. */
  format6: boolean;
}

export function relationTags(spec: RpmSpec, needs: PayloadNeeds): UntranslatedTags {
  const provides = encodeRelations([...(spec.provides ?? []), ...ownProvides(spec, needs.format6)]);
  const requires = separate([
    ...(spec.requires ?? []).map(encodeRelation),
    ...interpreterRequires(spec),
    ...rpmlibRequires(spec, needs),
  ]);
  const conflicts = encodeRelations(spec.conflicts);
  const obsoletes = encodeRelations(spec.obsoletes);
  const recommends = encodeRelations(spec.recommends);
  const suggests = encodeRelations(spec.suggests);
  const supplements = encodeRelations(spec.supplements);
  const enhances = encodeRelations(spec.enhances);
  return {
    PROVIDENAME: provides.names,
    PROVIDEFLAGS: provides.flags,
    PROVIDEVERSION: provides.versions,
    REQUIRENAME: requires.names,
    REQUIREFLAGS: requires.flags,
    REQUIREVERSION: requires.versions,
    CONFLICTNAME: conflicts.names,
    CONFLICTFLAGS: conflicts.flags,
    CONFLICTVERSION: conflicts.versions,
    OBSOLETENAME: obsoletes.names,
    OBSOLETEFLAGS: obsoletes.flags,
    OBSOLETEVERSION: obsoletes.versions,
    RECOMMENDNAME: recommends.names,
    RECOMMENDFLAGS: recommends.flags,
    RECOMMENDVERSION: recommends.versions,
    SUGGESTNAME: suggests.names,
    SUGGESTFLAGS: suggests.flags,
    SUGGESTVERSION: suggests.versions,
    SUPPLEMENTNAME: supplements.names,
    SUPPLEMENTFLAGS: supplements.flags,
    SUPPLEMENTVERSION: supplements.versions,
    ENHANCENAME: enhances.names,
    ENHANCEFLAGS: enhances.flags,
    ENHANCEVERSION: enhances.versions,
  };
}

/** Every list of relations of a spec, by its name in the spec. */
export function relationLists(spec: RpmSpec): [string, Relation[]][] {
  const { requires = [], provides = [], conflicts = [], obsoletes = [], recommends = [] } = spec;
  const { suggests = [], supplements = [], enhances = [] } = spec;
  return Object.entries({ requires, provides, conflicts, obsoletes, recommends, suggests, supplements, enhances });
}

/** Source packages provide themselves since rpm 6. */
function ownProvides(spec: RpmSpec, format6: boolean): Relation[] {
  if (spec.source !== undefined && !format6) return [];
  const version = formatEvr(spec);
  const own: Relation = { name: spec.name, sense: '=', version };
  const { isa } = factsOf(spec.architecture);
  return isa === undefined || spec.source !== undefined
    ? [own]
    : [own, { name: `${spec.name}(${isa})`, sense: '=', version }];
}

function rpmlibRequires(spec: RpmSpec, needs: PayloadNeeds): EncodedRelation[] {
  const relations = relationLists(spec).flatMap(([, list]) => list);
  const versions = [spec.version, spec.release, ...[...relations, ...triggerConditions(spec)].flatMap(versionsOf)];
  const programs = programsOf(spec);
  const features: [name: string, version: string, needed: boolean][] = [
    ['BuiltinLuaScripts', '4.2.2-1', programs.some(({ interpreter }) => interpreter === LUA)],
    ['CaretInVersions', '4.15.0-1', versions.some((version) => version.includes('^'))],
    ['CompressedFileNames', '3.0.4-1', !needs.format6],
    ['FileCaps', '4.6.1-1', needs.capabilities],
    ['FileDigests', '4.6.0-1', !needs.format6],
    ['LargeFiles', '4.12.0-1', needs.largeFiles],
    ['PartialHardlinkSets', '4.0.4-1', needs.hardLinks && !needs.format6],
    ['PayloadFilesHavePrefix', '4.0-1', !needs.format6 && spec.source === undefined],
    ['PayloadIsXz', '5.2-1', needs.xz],
    ['PayloadIsZstd', '5.4.18-1', needs.zstd],
    ['RichDependencies', '4.12.0-1', relations.some((relation) => relation.name.startsWith('('))],
    ['ScriptletExpansion', '4.9.0-1', programs.some(({ flags = [] }) => flags.length > 0)],
    ['ScriptletInterpreterArgs', '4.0.3-1', programs.some(({ args = [] }) => args.length > 0)],
    ['TildeInVersions', '4.10.0-1', versions.some((version) => version.includes('~'))],
  ];
  return features.flatMap(([feature, version, needed]) =>
    needed ? [{ name: `rpmlib(${feature})`, flags: RPMLIB_FLAG | SENSE_FLAGS['<='], version }] : [],
  );
}

/** rpm brings Lua itself; any other interpreter must be there when its program runs. */
function interpreterRequires(spec: RpmSpec): EncodedRelation[] {
  return programsOf(spec)
    .filter(({ interpreter }) => interpreter !== LUA)
    .map(({ interpreter, name }) => {
      const moment = name === undefined ? 0 : WHEN_FLAGS[name];
      return { name: interpreter, flags: WHEN_FLAGS.interp | moment, version: '' };
    });
}

interface RelationArrays {
  names: string[];
  flags: number[];
  versions: string[];
}

function encodeRelations(relations: readonly Relation[] = []): RelationArrays {
  return separate(relations.map(encodeRelation));
}

/** Each relation once, in rpmbuild's order. */
function separate(relations: readonly EncodedRelation[]): RelationArrays {
  const unique = new Map(
    relations.map((relation) => [`${relation.name}\0${relation.version}\0${relation.flags}`, relation]),
  );
  const sorted = [...unique.values()].sort(compareRelations);
  return {
    names: sorted.map(({ name }) => name),
    flags: sorted.map(({ flags }) => flags),
    versions: sorted.map(({ version }) => version),
  };
}
