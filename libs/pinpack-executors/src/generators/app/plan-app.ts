// What an application's project is called, and whether it may be: its name is a folder, a distribution (PEP 508), a module, a script and a part of RPM names.
import { isValidName, normalizeName } from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';
import { applicationProject, APPS, wheelProject } from '../../reqset/place.js';

/** What there is in the workspace that a new application could clash with. */
export interface Surroundings {
  /** Names of the folders below `apps`. */
  apps: readonly string[];
  reqsets: readonly ReqsetFacts[];
  /** Names of projects that aren't pinpack's. */
  projects: readonly string[];
}

export interface ReqsetFacts {
  name: string;
  /** Names of its pins. */
  pins: readonly string[];
  /** `3.11.2` */
  python: string;
}

export interface AppPlan {
  name: string;
  /** `my_app` */
  module: string;
  folder: string;
  reqsets: string[];
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
  const reqsets = chooseReqsets(wanted, surroundings.reqsets);
  const issues = [
    ...nameIssues(name),
    ...clashIssues(name, reqsets, surroundings),
    ...reqsetIssues(wanted, surroundings),
  ];
  if (issues.length > 0) throw new PinpackError('PINPACK_APP_INVALID', folder, issues);
  return {
    name,
    module: moduleOf(name),
    folder,
    reqsets: reqsets.map((reqset) => reqset.name),
    python: oldest(reqsets),
  };
}

function chooseReqsets(wanted: readonly string[], known: readonly ReqsetFacts[]): ReqsetFacts[] {
  if (wanted.length === 0) return known.length === 1 ? [...known] : [];
  return known.filter(({ name }) => wanted.includes(name));
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

function clashIssues(
  name: string,
  reqsets: readonly ReqsetFacts[],
  { apps, projects, ...others }: Surroundings,
): string[] {
  // On a file system that ignores case, and on an index, these are one.
  const twin = apps.find((app) => normalizeName(app) === normalizeName(name));
  if (twin !== undefined) return [`there is ${APPS}/${twin} already. Choose another name, or remove it first.`];
  const taken = new Map([
    ...projects.map((project) => [project, 'a project of this workspace'] as const),
    ...others.reqsets.flatMap((reqset) => [
      [reqset.name, 'a reqset'] as const,
      ...reqset.pins.map((pin) => [wheelProject(reqset.name, pin), `the wheel RPM of ${pin}`] as const),
      ...apps.map((app) => [applicationProject(reqset.name, app), `the application ${app} of ${reqset.name}`] as const),
    ]),
  ]);
  const own = [name, ...reqsets.map((reqset) => applicationProject(reqset.name, name))];
  return [
    ...own.flatMap((project) => {
      const what = taken.get(project);
      return what === undefined
        ? []
        : [`the project would be called ${project}, which is ${what}. Choose another name.`];
    }),
    ...reqsets
      .filter(({ pins }) => pins.includes(normalizeName(name)))
      .map((reqset) => `${reqset.name} pins a distribution of that name, and can't have two. Choose another name.`),
  ];
}

function reqsetIssues(wanted: readonly string[], { reqsets }: Surroundings): string[] {
  const known = reqsets.map(({ name }) => name);
  const there = known.length === 0 ? 'there is none yet' : `there are ${known.join(', ')}`;
  if (wanted.length === 0)
    return known.length === 1 ? [] : [`no reqset is named, expected at least one: --reqset <name>; ${there}`];
  return [...new Set(wanted)]
    .filter((name) => !known.includes(name))
    .map((name) => `"${name}" is no reqset of this workspace; ${there}`);
}

function oldest(reqsets: readonly ReqsetFacts[]): string {
  const minors = reqsets.map(({ python }) => Number(python.split('.')[1]));
  return `3.${Math.min(...minors)}`;
}
