// Plans the files of a new reqset and checks its name, which becomes the prefix of RPM names.
import { parseRequirementsFile, parseSpecifierSet, parseVersion, satisfies, DistError } from '@pinpack/python-dist';
import { hasUrlSecrets, redactUrls } from '@pinpack/common/redact';
import { PinpackError } from '../../pinpack-error.js';
import { REQSETS, reqsetPaths } from '../../workspace/workspace-paths.js';
import { parseSettings } from '../../workspace/reqset-settings.js';
import { reqsetsOf, takenNames, type Surroundings } from '../surroundings.js';
import type { ReqsetSource } from './read-source.js';

export interface ReqsetPlan {
  name: string;
  /** Text by path, relative to the workspace's root. */
  files: Map<string, string>;
  /** The lock whose versions `lock --from` keeps. */
  lock?: string;
}

export interface ReqsetRequest {
  name: string;
  python?: string | undefined;
  platform?: string | undefined;
}

const SCHEMA = '../../node_modules/pinpack/schemas/reqset.schema.json';

/**
 * @param source - undefined: an empty reqset
 * @throws PinpackError `PINPACK_REQSET_INVALID` with every issue, `PINPACK_SETTINGS_INVALID`
 */
export function planReqset(
  request: ReqsetRequest,
  source: ReqsetSource | undefined,
  surroundings: Surroundings,
): ReqsetPlan {
  const { name, python, platform } = request;
  const paths = reqsetPaths(name);
  const given = { ...(python !== undefined && { python }), ...(platform !== undefined && { platform }) };
  const settings = parseSettings(JSON.stringify(given), paths.settings);
  const requirements = source?.requirements ?? EMPTY_REQUIREMENTS;
  const issues = [
    ...nameIssues(name, surroundings),
    ...(source === undefined ? [] : pythonIssues(source, settings.python)),
    ...(source?.issues ?? []),
    ...requirementIssues(requirements, paths.requirements),
    ...requirementIssues(source?.constraints ?? '', paths.constraints),
    ...secretIssues(`${requirements}\n${source?.constraints ?? ''}`),
  ];
  if (issues.length > 0) throw new PinpackError('PINPACK_REQSET_INVALID', `${REQSETS}/${name}`, issues);
  const written = { $schema: SCHEMA, python: settings.python, platform: settings.platform };
  return {
    name,
    files: new Map([
      [paths.requirements, requirements],
      ...(source?.constraints === undefined ? [] : [[paths.constraints, source.constraints] as const]),
      [paths.settings, `${JSON.stringify(written, null, 2)}\n`],
    ]),
    ...(source?.isLock === true && { lock: source.file }),
  };
}

const EMPTY_REQUIREMENTS = '# The direct requirements; `lock` adds their dependencies.\n';

function nameIssues(name: string, surroundings: Surroundings): string[] {
  if (!/^[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/.test(name))
    return [
      `"${name}" is not a valid reqset name, expected letters and digits, with - or _ between them, such as reqset3`,
    ];
  const twin = reqsetsOf(surroundings.sets).find((reqset) => reqset.toLowerCase() === name.toLowerCase());
  if (twin !== undefined) return [`${REQSETS}/${twin} exists already. Choose another name, or remove it first.`];
  const what = takenNames(surroundings).get(name);
  return what === undefined ? [] : [`the project would be called ${name}, which is ${what}. Choose another name.`];
}

function pythonIssues({ file, requiresPython }: ReqsetSource, python: string): string[] {
  if (requiresPython === undefined || satisfies(parseVersion(python), parseSpecifierSet(requiresPython))) return [];
  return [
    `${file} is for Python ${requiresPython}, but the reqset is for ${python}. Choose one: --python <full version>`,
  ];
}

/** Both files are committed, and Nx and CI show them. */
function secretIssues(text: string): string[] {
  return text
    .split('\n')
    .filter(hasUrlSecrets)
    .map(
      (line) =>
        `"${redactUrls(line.trim())}" has credentials in its URL. Require the distribution by name and version, and configure its index for pip or uv.`,
    );
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
