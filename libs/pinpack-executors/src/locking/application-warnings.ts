// Warns of folders and names below apps/ that `lock` would silently leave out.
import { join } from 'node:path';
import { parsePyproject } from '@pinpack/python-dist';
import { listNames, readIfThere } from '../workspace/files.js';
import { orProblem } from '../workspace/read-reqset.js';
import { readSets } from '../workspace/reqset-settings.js';
import { APPS, REQSETS, reqsetPaths } from '../workspace/workspace-paths.js';

/** One warning for each folder without pyproject.toml, and for each reqset or variant that an application names and that does not exist. */
export function applicationWarnings(root: string): string[] {
  const known = knownSets(root);
  const apps = listNames(join(root, APPS)).filter((name) => !/^[._]/.test(name));
  return apps.flatMap((app) => {
    const folder = `${APPS}/${app}`;
    const text = readIfThere(join(root, folder, 'pyproject.toml'));
    if (text === undefined) {
      return hasEntries(join(root, folder))
        ? [
            `${folder} has no pyproject.toml, so it is no application; npx nx g pinpack:app creates one with a pyproject.toml`,
          ]
        : [];
    }
    const project = orProblem(() => parsePyproject(text, folder));
    if (project === undefined || 'problem' in project) return [];
    return project.reqsets
      .filter((name) => !known.includes(name))
      .map((name) => unknownSet(`${folder}/pyproject.toml`, name, known));
  });
}

function unknownSet(file: string, name: string, known: readonly string[]): string {
  return `${file}: [tool.pinpack] reqsets has "${name}", which is no reqset of this workspace; expected some of ${known.join(', ')}`;
}

/** Reqsets, and their variants as applications name them: `multi`, `multi/py311`. */
function knownSets(root: string): string[] {
  return listNames(join(root, REQSETS))
    .filter((reqset) => readIfThere(join(root, reqsetPaths(reqset).requirements)) !== undefined)
    .flatMap((reqset) => {
      const sets = orProblem(() => readSets(root, reqset));
      return [...new Set([reqset, ...('problem' in sets ? [] : sets)])];
    });
}

/** False for a file too. */
function hasEntries(path: string): boolean {
  try {
    return listNames(path).length > 0;
  } catch {
    return false;
  }
}
