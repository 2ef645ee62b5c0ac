// What a new reqset's files say, and whether it may be called what it is to be called: its name starts those of its RPMs.
import { parseRequirementsFile, parseSpecifierSet, parseVersion, satisfies, DistError } from '@pinpack/python-dist';
import { SUGGESTED } from '../../workspace/environment-tools.js';
import { PinpackError } from '../../pinpack-error.js';
import { REQSETS, reqsetPaths } from '../../workspace/workspace-paths.js';
import { parseSettings } from '../../workspace/reqset-settings.js';
import { reqsetsOf, takenNames, type Surroundings } from '../surroundings.js';
import type { ReqsetSource } from './read-source.js';

export interface ReqsetPlan {
  name: string;
  /** Text by path, relative to the workspace's root. */
  files: Map<string, string>;
  /** The lock whose versions are to be kept. */
  lock?: string;
}

export interface AskedReqset {
  name: string;
  python?: string | undefined;
  platform?: string | undefined;
}

const SCHEMA = '../../node_modules/pinpack/schemas/reqset.schema.json';

/**
 * @param source - undefined: a reqset from nothing
 * @throws PinpackError `PINPACK_REQSET_INVALID` with every issue, `PINPACK_SETTINGS_INVALID`
 */
export function planReqset(
  asked: AskedReqset,
  source: ReqsetSource | undefined,
  surroundings: Surroundings,
): ReqsetPlan {
  const { name, python, platform } = asked;
  const place = reqsetPaths(name);
  const given = { ...(python !== undefined && { python }), ...(platform !== undefined && { platform }) };
  const settings = parseSettings(JSON.stringify(given), place.settings);
  const requirements = source?.requirements ?? FROM_NOTHING;
  const issues = [
    ...nameIssues(name, surroundings),
    ...(source === undefined ? [] : pythonIssues(source, settings.python)),
    ...(source?.issues ?? []),
    ...requirementIssues(requirements, place.requirements),
    ...requirementIssues(source?.constraints ?? '', place.constraints),
  ];
  if (issues.length > 0) throw new PinpackError('PINPACK_REQSET_INVALID', `${REQSETS}/${name}`, issues);
  const written = { $schema: SCHEMA, python: settings.python, platform: settings.platform };
  return {
    name,
    files: new Map([
      [place.requirements, requirements],
      ...(source?.constraints === undefined ? [] : [[place.constraints, source.constraints] as const]),
      [place.settings, `${JSON.stringify(written, null, 2)}\n`],
    ]),
    ...(source?.isLock === true && { lock: source.file }),
  };
}

const FROM_NOTHING = [
  '# The pins that you choose; `lock` adds what they need.',
  '',
  '# What the environments of applications are made with.',
  ...Object.values(SUGGESTED),
  '',
].join('\n');

function nameIssues(name: string, surroundings: Surroundings): string[] {
  if (!/^[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/.test(name))
    return [`"${name}" is no name of a reqset, expected letters and digits, with - or _ between them, such as reqset3`];
  const twin = reqsetsOf(surroundings.sets).find((reqset) => reqset.toLowerCase() === name.toLowerCase());
  if (twin !== undefined) return [`there is ${REQSETS}/${twin} already. Choose another name, or remove it first.`];
  const what = takenNames(surroundings).get(name);
  return what === undefined ? [] : [`the project would be called ${name}, which is ${what}. Choose another name.`];
}

function pythonIssues({ file, requiresPython }: ReqsetSource, python: string): string[] {
  if (requiresPython === undefined || satisfies(parseVersion(python), parseSpecifierSet(requiresPython))) return [];
  return [`${file} is for Python ${requiresPython}, and the reqset for ${python}. Choose one: --python <full version>`];
}

function requirementIssues(text: string, file: string): string[] {
  try {
    parseRequirementsFile(text, file);
    return [];
  } catch (error) {
    if (error instanceof DistError) return error.issues.map(({ message }) => message);
    throw error;
  }
}
