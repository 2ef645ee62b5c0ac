// Restricts a lock to the files whose sha256 is given by `--hash` in requirements.txt or by an imported lock.
import { issue, throwIssues } from '../dist-error.js';
import type { ForeignPin } from '../lock/foreign/foreign-lock.js';
import type { WrittenRequirement } from '../lock/inputs.js';
import { normalizeName } from '../names/normalize-name.js';
import { parseRequirement } from '../requirements/requirement.js';
import type { Resolved } from './compile.js';

/** sha256 in hex of the allowed files, by PEP 503 name. Every file of other distributions is allowed. */
export type AllowedFiles = ReadonlyMap<string, ReadonlySet<string>>;

/** The allowed files. If both inputs have hashes of a distribution, only the files in both are allowed. */
export function allowedFiles(
  requirements: readonly WrittenRequirement[],
  foreign: readonly ForeignPin[] = [],
): AllowedFiles {
  const written = requirements.map(({ text, hashes = [] }) => ({
    name: normalizeName(parseRequirement(text).name),
    hashes,
  }));
  const allowed = new Map<string, Set<string>>();
  for (const named of [written, foreign].map(hashesByName)) {
    for (const [name, hashes] of named) {
      const before = allowed.get(name);
      allowed.set(name, before === undefined ? hashes : new Set([...hashes].filter((hash) => before.has(hash))));
    }
  }
  return allowed;
}

function hashesByName(pins: readonly { name: string; hashes: readonly string[] }[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { name, hashes } of pins) {
    if (hashes.length > 0) found.set(name, new Set([...(found.get(name) ?? []), ...hashes]));
  }
  return found;
}

/**
 * Removes wheels that are not allowed. Wheels without a digest on the index's page are kept: they are checked again after the download.
 *
 * @throws DistError `DIST_RESOLVE_HASH_UNKNOWN` with every distribution that has no wheel left
 */
export function restrictFiles(subject: string, resolved: readonly Resolved[], allowed: AllowedFiles): Resolved[] {
  const restricted = resolved.map(({ wheels, ...pin }) => ({
    ...pin,
    wheels: wheels.filter(({ sha256 }) => sha256 === '' || allowed.get(pin.name)?.has(sha256) !== false),
  }));
  const emptied = restricted.filter(({ wheels }, at) => wheels.length === 0 && resolved[at]?.wheels.length !== 0);
  throwIssues(
    subject,
    emptied.map(({ name, version }) =>
      issue(
        'DIST_RESOLVE_HASH_UNKNOWN',
        `${name}==${version}: no wheel for the target has one of the given hashes`,
        'Either the files on the index were replaced, or the hashes are for another version or target. Find out which before you change the hashes.',
      ),
    ),
  );
  return restricted;
}
