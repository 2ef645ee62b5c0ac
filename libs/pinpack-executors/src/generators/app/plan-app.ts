// Plans a new application. Its name becomes a folder, a distribution (PEP 508), a module, a script and a part of RPM names, so it is checked against all of them.
import { isValidName, normalizeName } from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';
import { applicationProject, namesSet, setLabel, splitSet } from '@pinpack/rpm-packaging';
import { APPS } from '../../workspace/workspace-paths.js';
import { reqsetsOf, takenNames, type SetFacts, type Surroundings } from '../surroundings.js';

/** `service` runs until it is stopped, `job` by a timer; `library` has no command. */
export const APP_KINDS = ['cli', 'service', 'job', 'library'] as const;

export type AppKind = (typeof APP_KINDS)[number];

export interface AppPlan {
  name: string;
  kind: AppKind;
  /** The system account of a service or job: `my-app` */
  account: string;
  /** `my_app` */
  module: string;
  folder: string;
  /** As in pyproject.toml: `reqset3`, `multi` for all its variants, `multi/py311`. */
  reqsets: string[];
  /** The sets that these names stand for. */
  sets: string[];
  /** `3.9`: the oldest Python of the reqsets. */
  python: string;
}

/** https://docs.python.org/3/reference/lexical_analysis.html#keywords */
const KEYWORDS = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is lambda ' +
    'nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

export interface AppRequest {
  name: string;
  /** The requested reqsets; may be empty if the workspace has only one. */
  wanted: readonly string[];
  kind: AppKind;
}

/**
 * @throws PinpackError `PINPACK_APP_INVALID` with every issue
 */
export function planApp({ name, wanted, kind }: AppRequest, surroundings: Surroundings): AppPlan {
  const folder = `${APPS}/${name}`;
  const sets = chooseSets(wanted, surroundings.sets);
  const issues = [
    ...(APP_KINDS.includes(kind) ? [] : [`--kind is "${kind}", expected ${APP_KINDS.join(', ')}`]),
    ...nameIssues(name),
    ...clashIssues(name, sets, surroundings),
    ...reqsetIssues(wanted, surroundings),
    ...sets.flatMap(pythonIssues),
  ];
  if (issues.length > 0) throw new PinpackError('PINPACK_APP_INVALID', folder, issues);
  return {
    name,
    kind,
    // useradd(8): at most 32 characters.
    account: normalizeName(name).slice(0, 31).replace(/-$/, ''),
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

/** The name of the reqset, or of the variant if only that was requested. */
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
      `"${name}" is not a valid distribution name (PEP 508), expected letters, digits, "-", "_" and ".", the first and last a letter or digit`,
    ];
  }
  const module = moduleOf(name);
  if (/^\d/.test(module))
    return [`"${name}" starts with a digit, but a Python module name cannot. Choose another name.`];
  if (KEYWORDS.has(module))
    return [`"${name}" is a Python keyword, so no module can have this name. Choose another name.`];
  if (module === 'wheel' || module.startsWith('wheel_'))
    return [`"${name}" starts with "wheel", which marks wheel RPMs in RPM names. Choose another name.`];
  return [];
}

function clashIssues(name: string, wanted: readonly SetFacts[], surroundings: Surroundings): string[] {
  // These are the same on an index and on a case-insensitive file system.
  const twin = surroundings.apps.find((app) => normalizeName(app) === normalizeName(name));
  if (twin !== undefined) return [`${APPS}/${twin} exists already. Choose another name, or remove it first.`];
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
      .map(({ set }) => `${setLabel(set)} already pins a distribution of that name. Choose another name.`),
  ];
}

function reqsetIssues(wanted: readonly string[], { sets }: Surroundings): string[] {
  const known = reqsetsOf(sets);
  const there = known.length === 0 ? 'there is no reqset yet' : `known reqsets: ${known.join(', ')}`;
  if (wanted.length === 0)
    return known.length === 1 ? [] : [`--reqset is missing, expected at least one: --reqset <name>; ${there}`];
  return [...new Set(wanted)]
    .filter((name) => !known.includes(name) && !sets.some(({ set }) => set === name))
    .map((name) => `"${name}" is not a reqset of this workspace${variantsOf(name, sets)}; ${there}`);
}

function pythonIssues({ set, python }: SetFacts): string[] {
  return python.startsWith('2.')
    ? [
        `${setLabel(set)} is for Python ${python}, but this generator writes libraries for Python 3. Choose other reqsets, or write pyproject.toml and setup.py yourself.`,
      ]
    : [];
}

/** If a variant was requested: the variants of its reqset. */
function variantsOf(name: string, sets: readonly SetFacts[]): string {
  const { reqset, variant } = splitSet(name);
  const known = sets.map(({ set }) => set).filter((set) => set.startsWith(`${reqset}/`));
  return variant === undefined || known.length === 0 ? '' : `, ${reqset} has ${known.join(', ')}`;
}

function oldest(sets: readonly SetFacts[]): string {
  const minors = sets.map(({ python }) => Number(python.split('.')[1]));
  return `3.${Math.min(...minors)}`;
}
