// Sources of requirements in `[tool.uv.sources]`: paths, repositories and URLs, as requirements with a URL. Sources of other kinds are ignored: an
// index is assigned in reqset.json. Whole workspaces (`workspace = true`) are found by their members' names elsewhere.
import { posix } from 'node:path';
import type { TomlTable } from 'smol-toml';
import { normalizeName } from '../names/normalize-name.js';
import { parseRequirement } from '../requirements/requirement.js';
import { asStrings, asTable } from '../toml/table-reader.js';

/** @param path - the project's folder, relative to the workspace's root */
export function uvSources(document: TomlTable, path: string): string[] {
  const sources = asTable(asTable(asTable(document.tool)?.uv)?.sources) ?? {};
  const required = asStrings(asTable(document.project)?.dependencies) ?? [];
  const names = new Set(required.flatMap(nameOf));
  return Object.entries(sources).flatMap(([name, value]) => {
    const entries = (Array.isArray(value) ? value : [value]).map(asTable).filter((entry) => entry !== undefined);
    if (!names.has(normalizeName(name))) return [];
    return entries.flatMap((entry) => {
      const url = urlOf(entry, path);
      if (url === undefined) return [];
      const { marker } = entry;
      return [`${name} @ ${url}${typeof marker === 'string' ? ` ; ${marker}` : ''}`];
    });
  });
}

function nameOf(text: string): string[] {
  try {
    return [normalizeName(parseRequirement(text).name)];
  } catch {
    // Reported where the requirement is used.
    return [];
  }
}

function urlOf(entry: TomlTable, path: string): string | undefined {
  const { path: target, git, url, subdirectory } = entry;
  if (typeof target === 'string') return `file:${posix.normalize(posix.join(path, target))}`;
  if (typeof url === 'string') return url;
  if (typeof git !== 'string') return undefined;
  const revision = [entry.rev, entry.tag, entry.branch].find((each) => typeof each === 'string');
  const at = typeof revision === 'string' ? `@${revision}` : '';
  return `git+${git}${at}${typeof subdirectory === 'string' ? `#subdirectory=${subdirectory}` : ''}`;
}
