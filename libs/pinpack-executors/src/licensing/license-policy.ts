// The licence policy: which licences pins may have, as SPDX expressions (SPDX 2.3, annex D). Pure.
import { normalizeName } from '@pinpack/python-dist';
import { formatLicense, isExpression, licenseOfText, type DeclaredLicense } from '@pinpack/rpm-packaging/sbom';
import parseExpression from 'spdx-expression-parse';
import { PinpackError } from '../pinpack-error.js';
import type { LicensesOptions } from '../workspace/plugin-options.js';

export interface LicensedPin {
  /** PEP 503 name. */
  name: string;
  version: string;
  license: DeclaredLicense | undefined;
}

/** @throws PinpackError `PINPACK_OPTIONS_INVALID` with every licence that is not SPDX's */
export function checkPolicy({ allow = [], deny = [], exceptions = [] }: LicensesOptions): void {
  const single = (list: string, texts: readonly string[]): string[] =>
    texts
      .filter((text) => !isExpression(text) || 'conjunction' in parseExpression(text))
      .map(
        (text) =>
          `licenses.${list}: found ${JSON.stringify(text)}, expected one licence of the SPDX list, such as BSD-3-Clause or GPL-2.0-only WITH Classpath-exception-2.0`,
      );
  const issues = [
    ...single('allow', allow),
    ...single('deny', deny),
    ...exceptions.flatMap(({ pin, license }) =>
      license === undefined || isExpression(license)
        ? []
        : [`licenses.exceptions: found ${JSON.stringify(license)} for ${pin}, expected an SPDX license expression`],
    ),
  ];
  if (issues.length === 0) return;
  throw new PinpackError('PINPACK_OPTIONS_INVALID', 'nx.json, options of the plugin pinpack', issues);
}

/** One line for each pin whose licence is not allowed. */
export function licenseProblems(policy: LicensesOptions, pins: readonly LicensedPin[]): string[] {
  checkPolicy(policy);
  return pins.flatMap((pin) => {
    const problem = licenseProblem(policy, pin);
    return problem === undefined ? [] : [`${pin.name} ${pin.version}: ${problem}`];
  });
}

/** Why the licence is not allowed. @param policy - a valid one */
export function licenseProblem(
  policy: LicensesOptions,
  { name, version, license: declared }: LicensedPin,
): string | undefined {
  const exception = (policy.exceptions ?? []).find(
    (one) => normalizeName(one.pin) === name && (one.version === undefined || one.version === version),
  );
  if (exception !== undefined && exception.license === undefined) return undefined;
  const license = exception?.license === undefined ? declared : licenseOfText(exception.license);
  if (license === undefined || 'text' in license) {
    // Without a list of allowed licences, nothing says that this one is not.
    if (policy.allow === undefined) return undefined;
    return `${formatLicense(license)} is not an SPDX license expression; review it: "licenses": { "exceptions": … }`;
  }
  const refused = refusedLicenses(policy, parseExpression(license.expression));
  if (refused.length === 0) return undefined;
  const shown = refused.map(({ key, reason }) => `${key} is ${reason}`).join(', ');
  return refused.length === 1 && refused[0]?.key === license.expression ? shown : `${license.expression}: ${shown}`;
}

interface Refused {
  key: string;
  reason: 'denied' | 'not allowed';
}

type Node = ReturnType<typeof parseExpression>;

/** Of alternatives, one that is allowed is enough. */
function refusedLicenses(policy: LicensesOptions, node: Node): Refused[] {
  if ('conjunction' in node) {
    const [left, right] = [refusedLicenses(policy, node.left), refusedLicenses(policy, node.right)];
    return node.conjunction === 'or' && (left.length === 0 || right.length === 0) ? [] : [...left, ...right];
  }
  const base = `${node.license}${node.plus === true ? '+' : ''}`;
  const key = node.exception === undefined ? base : `${base} WITH ${node.exception}`;
  const [allow, deny] = [policy.allow, policy.deny ?? []].map((list) => list && new Set(list.map(keyOf)));
  if (deny?.has(key) === true) return [{ key, reason: 'denied' }];
  if (allow?.has(key) === true) return [];
  // A licence with an exception permits more than the licence alone.
  if (deny?.has(base) === true) return [{ key, reason: 'denied' }];
  return allow === undefined || allow.has(base) ? [] : [{ key, reason: 'not allowed' }];
}

function keyOf(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
