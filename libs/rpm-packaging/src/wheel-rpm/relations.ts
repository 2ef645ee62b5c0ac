// A wheel's requirements (PEP 440 specifiers) as Requires on the reqset's own wheel RPMs (docs/decisions/0003-versions.md).
//
//     numpy>=1.26      name >= 1.26.0
//     numpy<2.7        name < 2.7.0~~                      not even 2.7's development releases
//     numpy==1.26.*    name >= 1.26.0~~, name < 1.27.0~~
//     numpy~=1.26.4    name >= 1.26.4, name < 1.27.0~~
//     numpy>1.26       name > 1.26.0.0                     after 1.26.0's post-releases
//     numpy!=1.26      (name without name = 1.26.0)    an RPM of 1.26+cpu provides 1.26.0 too, and is out as well
//     numpy!=1.26.*    (name < 1.26.0~~ or name >= 1.27.0~~)
import { parseRequirement, parseVersion, type Specifier, type Version } from '@pinpack/python-dist';
import type { Relation, Sense } from '@pinpack/rpm-gen';
import { formatRpmVersion, padRelease, rpmVersionOf } from '../names/rpm-version.js';

/** Before everything that starts with this version, development releases included. */
const BEFORE_ALL = '~~';
/** After this version's post-releases: a number sorts after the letters of `.post1`. */
const AFTER_POSTS = '.0';

/**
 * @param requirement - without marker: `numpy<2.7,>=1.26.4`
 * @param rpmName - of a distribution, by its name as the requirement writes it
 */
export function requirementRelations(requirement: string, rpmName: (name: string) => string): Relation[] {
  const { name, specifiers } = parseRequirement(requirement);
  const rpm = rpmName(name);
  return specifiers.length === 0
    ? [{ name: rpm }]
    : specifiers.flatMap((specifier) => specifierRelations(rpm, specifier));
}

function specifierRelations(name: string, { operator, version: text, wildcard }: Specifier): Relation[] {
  const version = parseVersion(text);
  const mapped = formatRpmVersion(rpmVersionOf(version));
  const relation = (sense: Sense, bound: string): Relation => ({ name, sense, version: bound });
  switch (operator) {
    case '>=':
    case '<=':
      return [relation(operator, mapped)];
    case '>':
      return [relation('>', `${mapped}${AFTER_POSTS}`)];
    case '<':
      return [relation('<', isPreRelease(version) ? mapped : `${mapped}${BEFORE_ALL}`)];
    case '~=': {
      const { end } = prefixBounds({ ...version, release: version.release.slice(0, -1) });
      return [relation('>=', mapped), relation('<', end)];
    }
    case '==':
    case '===': {
      if (!wildcard) return [relation('=', mapped)];
      const { start, end } = prefixBounds(version);
      return [relation('>=', start), relation('<', end)];
    }
    case '!=': {
      // Not by bounds around the version: what the RPM provides besides would always lie on one side of them.
      if (!wildcard) return [{ name: `(${name} without ${name} = ${mapped})` }];
      const { start, end } = prefixBounds(version);
      return [{ name: `(${name} < ${start} or ${name} >= ${end})` }];
    }
  }
}

function isPreRelease({ pre, dev }: Version): boolean {
  return pre !== undefined || dev !== undefined;
}

/** The first version that starts with these numbers, and the first behind them that doesn't. */
function prefixBounds({ epoch, release }: Version): { start: string; end: string } {
  const next = [...release.slice(0, -1), (release.at(-1) ?? 0) + 1];
  const bound = (numbers: readonly number[]): string =>
    formatRpmVersion({ ...(epoch > 0 && { epoch }), version: `${padRelease(numbers)}${BEFORE_ALL}` });
  return { start: bound(release), end: bound(next) };
}
