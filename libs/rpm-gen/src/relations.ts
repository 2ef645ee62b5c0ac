/** Requires, provides and the other relations as parallel arrays, with rpm's sense flags (rpm.org, "RPM V4 header tags", "Dependencies basics"). */
import { formatEvr } from './evr.js';
import { LUA, programsOf } from './scriptlets.js';
import type { Relation, RpmSpec, ScriptletName, Sense, When } from './spec.js';
import type { HeaderTags } from './tags.js';

const SENSE_FLAGS: Record<Sense, number> = { '<': 2, '<=': 10, '=': 8, '>=': 12, '>': 4 };

const WHEN_FLAGS: Record<When | ScriptletName, number> = {
  posttrans: 1 << 5,
  interp: 1 << 8,
  pre: 1 << 9,
  post: 1 << 10,
  preun: 1 << 11,
  postun: 1 << 12,
  verify: 1 << 13,
};

const RPMLIB_FLAG = 1 << 24;

const ISA_NAMES = { x86_64: 'x86-64', aarch64: 'aarch-64' } as const;

interface EncodedRelation {
  name: string;
  flags: number;
  version: string;
}

/** What the payload asks of the rpm that installs it. */
export interface PayloadNeeds {
  xz: boolean;
  zstd: boolean;
  largeFiles: boolean;
}

export function relationTags(spec: RpmSpec, needs: PayloadNeeds): HeaderTags {
  const provides = sortRelations([...(spec.provides ?? []), ...ownProvides(spec)].map(encodeRelation));
  const requires = sortRelations([
    ...(spec.requires ?? []).map(encodeRelation),
    ...interpreterRequires(spec),
    ...rpmlibRequires(spec, needs),
  ]);
  const conflicts = sortRelations((spec.conflicts ?? []).map(encodeRelation));
  const obsoletes = sortRelations((spec.obsoletes ?? []).map(encodeRelation));
  const recommends = sortRelations((spec.recommends ?? []).map(encodeRelation));
  return {
    PROVIDENAME: provides.map(nameOf),
    PROVIDEFLAGS: provides.map(flagsOf),
    PROVIDEVERSION: provides.map(versionOf),
    REQUIRENAME: requires.map(nameOf),
    REQUIREFLAGS: requires.map(flagsOf),
    REQUIREVERSION: requires.map(versionOf),
    CONFLICTNAME: conflicts.map(nameOf),
    CONFLICTFLAGS: conflicts.map(flagsOf),
    CONFLICTVERSION: conflicts.map(versionOf),
    OBSOLETENAME: obsoletes.map(nameOf),
    OBSOLETEFLAGS: obsoletes.map(flagsOf),
    OBSOLETEVERSION: obsoletes.map(versionOf),
    RECOMMENDNAME: recommends.map(nameOf),
    RECOMMENDFLAGS: recommends.map(flagsOf),
    RECOMMENDVERSION: recommends.map(versionOf),
  };
}

/** Every list of relations of a spec, by its name in the spec. */
export function relationLists(spec: RpmSpec): [string, Relation[]][] {
  const { requires = [], provides = [], conflicts = [], obsoletes = [], recommends = [] } = spec;
  return Object.entries({ requires, provides, conflicts, obsoletes, recommends });
}

function ownProvides(spec: RpmSpec): Relation[] {
  const version = formatEvr(spec);
  const own: Relation = { name: spec.name, sense: '=', version };
  if (spec.architecture === 'noarch') return [own];
  return [own, { name: `${spec.name}(${ISA_NAMES[spec.architecture]})`, sense: '=', version }];
}

function rpmlibRequires(spec: RpmSpec, needs: PayloadNeeds): EncodedRelation[] {
  const relations = relationLists(spec).flatMap(([, list]) => list);
  const versions = [spec.version, spec.release, ...relations.map((relation) => relation.version ?? '')];
  const features: [name: string, version: string, needed: boolean][] = [
    ['BuiltinLuaScripts', '4.2.2-1', programsOf(spec).some(({ interpreter }) => interpreter === LUA)],
    ['CaretInVersions', '4.15.0-1', versions.some((version) => version.includes('^'))],
    ['CompressedFileNames', '3.0.4-1', true],
    ['FileDigests', '4.6.0-1', true],
    ['LargeFiles', '4.12.0-1', needs.largeFiles],
    ['PayloadFilesHavePrefix', '4.0-1', true],
    ['PayloadIsXz', '5.2-1', needs.xz],
    ['PayloadIsZstd', '5.4.18-1', needs.zstd],
    ['RichDependencies', '4.12.0-1', relations.some((relation) => relation.name.startsWith('('))],
    ['TildeInVersions', '4.10.0-1', versions.some((version) => version.includes('~'))],
  ];
  return features.flatMap(([feature, version, needed]) =>
    needed ? [{ name: `rpmlib(${feature})`, flags: RPMLIB_FLAG | SENSE_FLAGS['<='], version }] : [],
  );
}

function encodeRelation({ name, sense, version = '', when = [] }: Relation): EncodedRelation {
  const flags = when.reduce((sum, moment) => sum | WHEN_FLAGS[moment], sense === undefined ? 0 : SENSE_FLAGS[sense]);
  return { name, flags, version };
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

function sortRelations(relations: EncodedRelation[]): EncodedRelation[] {
  const unique = new Map(
    relations.map((relation) => [`${relation.name}\0${relation.version}\0${relation.flags}`, relation]),
  );
  return [...unique.values()].sort(
    (a, b) =>
      Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)) ||
      Buffer.compare(Buffer.from(a.version), Buffer.from(b.version)) ||
      a.flags - b.flags,
  );
}

const nameOf = (relation: EncodedRelation) => relation.name;
const flagsOf = (relation: EncodedRelation) => relation.flags;
const versionOf = (relation: EncodedRelation) => relation.version;
