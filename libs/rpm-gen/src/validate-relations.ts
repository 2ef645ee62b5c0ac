/** Checks of relations and of the conditions of triggers, by what rpmbuild accepts (rpm's build/parseReqs.c). */
import { compareVersions, isEvr, parseEvr } from './evr.js';
import { SENSE_FLAGS } from './relation.js';
import { relationLists } from './relations.js';
import { parseRich, RichRelationError, startsName } from './rich-relation.js';
import type { Relation, RpmSpec } from './spec.js';
import { isSysusersVersion } from './sysusers.js';
import { isLine, show } from './texts.js';

/** The lists that rpm reads rich dependencies in. */
const RICH_LISTS = new Set(['requires', 'conflicts', 'recommends', 'suggests', 'supplements', 'enhances']);

export function relationIssues(spec: RpmSpec): string[] {
  return relationLists(spec).flatMap(([list, relations]) =>
    relations.flatMap((relation) => oneRelationIssues(list, relation)),
  );
}

export function triggerRelationIssues({ packageTriggers = [] }: RpmSpec): string[] {
  const conditions = packageTriggers.flatMap(({ on, packages }) => packages.map((one) => ({ on, relation: one })));
  return [
    ...packageTriggers.flatMap(({ on, packages }) =>
      packages.length === 0 ? [`trigger ${on}: found no packages, expected at least one`] : [],
    ),
    ...conditions.flatMap(({ on, relation }, at) => {
      const issues = oneRelationIssues(`trigger ${on}`, relation);
      if (issues.length > 0) return issues;
      const before = conditions.slice(0, at).find((one) => one.on === on && overlap(one.relation, relation));
      // rpmbuild 4.18 says so, leaves out this and the rest of the conditions, and succeeds.
      return before === undefined
        ? []
        : [
            `trigger ${on} ${show(relation.name)}: found a second condition that the same version fulfils, expected one`,
          ];
    }),
  ];
}

function oneRelationIssues(list: string, relation: Relation): string[] {
  const { name, sense, version } = relation;
  const subject = `${list} ${show(name)}`;
  const issues = name.startsWith('(') ? richIssues(list, relation) : nameIssues(list, relation);
  if ((sense === undefined) !== (version === undefined))
    issues.push('found only one of sense and version, expected both or none');
  if (version !== undefined && !isEvr(version) && !isSysusersVersion(name, version))
    issues.push(`version is ${show(version)}, expected [epoch:]version[-release]`);
  return issues.map((issue) => `${subject}: ${issue}`);
}

function richIssues(list: string, { name, version }: Relation): string[] {
  if (!RICH_LISTS.has(list)) return [`found a rich dependency, expected a plain name, as ${list} can't be rich`];
  if (!isLine(name)) return ['expected a rich dependency without control characters'];
  if (version !== undefined) return ['found a version of a rich dependency, expected versions in the parentheses'];
  try {
    parseRich(name, list);
    return [];
  } catch (error) {
    if (!(error instanceof RichRelationError)) throw error;
    return [`expected a rich dependency that rpm reads, but ${error.message}`];
  }
}

function nameIssues(list: string, { name, version }: Relation): string[] {
  // rpmbuild reads a name with spaces or commas as several, and one such as `foo=1` as a name.
  if (name === '' || !isLine(name) || /[\s,]/.test(name) || /[<>=]/.test(name.replace(/\(.*\)/, '')))
    return ['expected a name without spaces, control characters, commas, <, > and ='];
  if (!startsName(name)) return ['expected a name that starts with a letter, a digit, _ or /'];
  if (list === 'obsoletes' && !/^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(name))
    return ['expected the name of a package, as rpm obsoletes nothing else'];
  if (list === 'provides' && name.startsWith('rpmlib('))
    return ["expected a name of the package's own, as rpm alone provides rpmlib(…)"];
  return name.startsWith('/') && version !== undefined ? ['found a version of a file, expected none'] : [];
}

/** As rpm's `rpmdsCompare`: whether one version can fulfil both. */
function overlap(a: Relation, b: Relation): boolean {
  if (a.name !== b.name) return false;
  if (a.sense === undefined || b.sense === undefined || a.version === undefined || b.version === undefined) return true;
  const [left, right] = [parseEvr(a.version), parseEvr(b.version)];
  const [flagsA, flagsB] = [SENSE_FLAGS[a.sense], SENSE_FLAGS[b.sense]];
  const { '<': less, '>': greater, '=': equal } = SENSE_FLAGS;
  const both = (sense: number) => (flagsA & flagsB & sense) !== 0;
  let order = Math.sign((left.epoch ?? 0) - (right.epoch ?? 0)) || compareVersions(left.version, right.version);
  if (order === 0 && left.release !== undefined && right.release !== undefined)
    order = compareVersions(left.release, right.release);
  else if (order === 0 && left.release !== right.release)
    // A side without a release matches every one.
    if (((left.release === undefined ? flagsA : flagsB) & equal) !== 0) return true;
  if (order < 0) return (flagsA & greater) !== 0 || (flagsB & less) !== 0;
  if (order > 0) return (flagsA & less) !== 0 || (flagsB & greater) !== 0;
  return both(equal) || both(less) || both(greater);
}
