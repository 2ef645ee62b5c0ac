// Keeps to the files whose sha256 was written down (`--hash` in requirements.txt, or an imported lock): no other may be locked.
import { issue, throwIssues } from '../dist-error.js';
import type { ForeignPin } from '../lock/foreign/foreign-lock.js';
import type { WrittenRequirement } from '../lock/inputs.js';
import { normalizeName } from '../names/normalize-name.js';
import { parseRequirement } from '../requirements/requirement.js';
import type { Resolved } from './compile.js';

/** sha256 in hex of the files that may be taken, by PEP 503 name; any file of a distribution that isn't here may be. */
export type AllowedFiles = ReadonlyMap<string, ReadonlySet<string>>;

/** Where both name files of a distribution, only those that are in both may be taken. */
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
 * The distributions with the wheels that may be taken; what the index tells no digest of is kept, since only the file itself tells.
 *
 * @throws DistError `DIST_RESOLVE_HASH_UNKNOWN` with every distribution that none is left of
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
        `${name}==${version}: no wheel of it that fits the target has one of the hashes that are written for it`,
        'The index or a mirror has other files than those, or the hashes are of another version or target. Find out which before you write them anew.',
      ),
    ),
  );
  return restricted;
}
