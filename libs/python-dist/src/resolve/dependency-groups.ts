// Dependency groups of a pyproject.toml (PEP 735).
import type { TomlTable } from 'smol-toml';
import { issue, type DistIssue } from '../dist-error.js';
import { normalizeName } from '../names/normalize-name.js';
import { asTable } from '../toml/table-reader.js';

/** The requirements of the named groups, with those of the groups that they include. Issues are added to the list. */
export function readGroups(table: TomlTable, wanted: readonly string[], issues: DistIssue[]): string[] {
  const groups = new Map(Object.entries(table).map(([name, value]) => [normalizeName(name), { name, value }]));
  const found = new Set<string>();
  const visit = (written: string, from: readonly string[]): void => {
    const group = groups.get(normalizeName(written));
    const report = (problem: string, next: string): void => {
      issues.push(issue('DIST_SOURCE_INVALID', problem, next));
    };
    if (group === undefined) {
      const place = from.length === 0 ? 'the selection of groups' : `[dependency-groups] ${from.at(-1) ?? ''}`;
      const known = [...groups.values()].map(({ name }) => name).join(', ');
      report(
        `${place} has ${written}`,
        `expected a group of [dependency-groups]: ${known === '' ? 'there is none' : known}`,
      );
      return;
    }
    if (from.includes(group.name)) {
      report(
        `[dependency-groups] ${group.name} includes itself`,
        `Remove one of: ${[...from, group.name].join(' → ')}`,
      );
      return;
    }
    for (const entry of Array.isArray(group.value) ? group.value : [group.value]) {
      const included = asTable(entry)?.['include-group'];
      if (typeof entry === 'string') found.add(entry);
      else if (typeof included === 'string') visit(included, [...from, group.name]);
      else {
        report(
          `[dependency-groups] ${group.name} has ${JSON.stringify(entry)}`,
          'expected requirements, and {include-group = "name"} (PEP 735)',
        );
      }
    }
  };
  for (const name of wanted) visit(name, []);
  return [...found];
}
