// What an application's project is called, and whether it may be: its name is a folder, a distribution (PEP 508), a module, a script and a part of RPM names.
import { isValidName, normalizeName } from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';
import { applicationProject, namesSet, setLabel, splitSet } from '@pinpack/rpm-packaging';
import { APPS } from '../../workspace/workspace-paths.js';
import { reqsetsOf, takenNames, type SetFacts, type Surroundings } from '../surroundings.js';

export interface AppPlan {
  name: string;
  /** `my_app` */
  module: string;
  folder: string;
  /** As pyproject.toml names them: `reqset3`, `multi` for all of its variants, `multi/py311`. */
  reqsets: string[];
  /** All that these names stand for. */
  sets: string[];
  /** `3.9`: the oldest of the reqsets'. */
  python: string;
}

/** https://docs.python.org/3/reference/lexical_analysis.html#keywords */
const KEYWORDS = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is lambda ' +
    'nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

/**
 * @param wanted - reqsets as they were asked for; none is right where there is only one
 * @throws PinpackError `PINPACK_APP_INVALID` with every issue
 */
export function planApp(name: string, wanted: readonly string[], surroundings: Surroundings): AppPlan {
  const folder = `${APPS}/${name}`;
  const sets = chooseSets(wanted, surroundings.sets);
  const issues = [
    ...nameIssues(name),
    ...clashIssues(name, sets, surroundings),
    ...reqsetIssues(wanted, surroundings),
    ...sets.flatMap(pythonIssues),
  ];
  if (issues.length > 0) throw new PinpackError('PINPACK_APP_INVALID', folder, issues);
  return {
    name,
    module: moduleOf(name),
    folder,
    reqsets: [...new Set(sets.map(({ set }) => nameAsWanted(set, wanted)))],
    sets: sets.map(({ set }) => set),
    python: oldest(sets),
  };
}

function chooseSets(wanted: readonly string[], known: readonly SetFacts[]): SetFacts[] {
  if (wanted.length === 0) return reqsetsOf(known).length === 1 ? [...known] : [];
  return known.filter(({ set }) => namesSet(wanted, set));
}

/** The whole reqset, where not a variant of it alone was asked for. */
function nameAsWanted(set: string, wanted: readonly string[]): string {
  const { reqset } = splitSet(set);
  return wanted.includes(set) && !wanted.includes(reqset) ? set : reqset;
}

function moduleOf(name: string): string {
  return normalizeName(name).replaceAll('-', '_');
}

function nameIssues(name: string): string[] {
  if (!isValidName(name)) {
    return [
      `"${name}" is no name of a distribution (PEP 508), expected letters, digits, "-", "_" and ".", the first and last a letter or digit`,
    ];
  }
  const module = moduleOf(name);
  if (/^\d/.test(module)) return [`"${name}" starts with a digit, and no Python module does. Choose another name.`];
  if (KEYWORDS.has(module)) return [`"${name}" is a keyword of Python, and no module's name. Choose another name.`];
  if (module === 'wheel' || module.startsWith('wheel_'))
    return [`"${name}" starts with "wheel", as the names of wheel RPMs do after the reqset's. Choose another name.`];
  return [];
}

function clashIssues(name: string, wanted: readonly SetFacts[], surroundings: Surroundings): string[] {
  // On a file system that ignores case, and on an index, these are one.
  const twin = surroundings.apps.find((app) => normalizeName(app) === normalizeName(name));
  if (twin !== undefined) return [`there is ${APPS}/${twin} already. Choose another name, or remove it first.`];
  const taken = takenNames(surroundings);
  const own = [name, ...wanted.map(({ set }) => applicationProject(set, name))];
  return [
    ...own.flatMap((project) => {
      const what = taken.get(project);
      return what === undefined
        ? []
        : [`the project would be called ${project}, which is ${what}. Choose another name.`];
    }),
    ...wanted
      .filter(({ pins }) => pins.includes(normalizeName(name)))
      .map(({ set }) => `${setLabel(set)} pins a distribution of that name, and can't have two. Choose another name.`),
  ];
}

function reqsetIssues(wanted: readonly string[], { sets }: Surroundings): string[] {
  const known = reqsetsOf(sets);
  const there = known.length === 0 ? 'there is none yet' : `there are ${known.join(', ')}`;
  if (wanted.length === 0)
    return known.length === 1 ? [] : [`no reqset is named, expected at least one: --reqset <name>; ${there}`];
  return [...new Set(wanted)]
    .filter((name) => !known.includes(name) && !sets.some(({ set }) => set === name))
    .map((name) => `"${name}" is no reqset of this workspace${variantsOf(name, sets)}; ${there}`);
}

function pythonIssues({ set, python }: SetFacts): string[] {
  return python.startsWith('2.')
    ? [`${setLabel(set)} is for Python ${python}, and a library is built for Python 3 alone. Name other reqsets.`]
    : [];
}

/** Where a variant was asked for: those that its reqset has. */
function variantsOf(name: string, sets: readonly SetFacts[]): string {
  const { reqset, variant } = splitSet(name);
  const known = sets.map(({ set }) => set).filter((set) => set.startsWith(`${reqset}/`));
  return variant === undefined || known.length === 0 ? '' : `, ${reqset} has ${known.join(', ')}`;
}

function oldest(sets: readonly SetFacts[]): string {
  const minors = sets.map(({ python }) => Number(python.split('.')[1]));
  return `3.${Math.min(...minors)}`;
}
