// Plans the nearest versions of vulnerable pins without known vulnerabilities, for `lock --upgrade-vulnerable`.
import {
  newerVersions,
  normalizeName,
  parseRequirement,
  parseVersion,
  satisfies,
  type Lock,
  type LockInputs,
  type LockTools,
} from '@pinpack/python-dist';
import { setLabel } from '@pinpack/rpm-packaging';
import { PinpackError } from '../pinpack-error.js';
import { affects, fixesOf } from '../vulnerabilities/affects.js';
import { auditSet, type AuditRequest } from '../vulnerabilities/audit-set.js';
import type { Version } from '../vulnerabilities/find-vulnerabilities.js';

export interface FixesRequest extends AuditRequest {
  lock: Lock;
  inputs: LockInputs;
  tools: LockTools;
}

/**
 * None if no pin is vulnerable. Excepted vulnerabilities do not count.
 *
 * @throws PinpackError `PINPACK_FIX_BLOCKED` with every requirement that forbids a fix, and every pin without one
 */
export async function planFixes({ lock, inputs, tools, ...request }: FixesRequest): Promise<Version[]> {
  const { vulnerabilities, records, warnings } = await auditSet(request);
  for (const warning of warnings) tools.progress(`warning: ${warning}`);
  const counted = vulnerabilities.filter(({ exception }) => exception === undefined);
  const names = new Set(counted.map(({ name }) => name));
  const pins = lock.packages.filter(({ name }) => names.has(name));
  const newer = await newerVersions(pins, lock, { ...tools, index: tools.index.assigning(inputs.indexes) });
  const fixes: Version[] = [];
  const problems: string[] = [];
  for (const { name, version } of pins) {
    const ids = counted.filter((one) => one.name === name).map(({ id }) => id);
    const offered = [...(newer.get(name) ?? [])].reverse().map((one) => one.version);
    const [fix] = [
      ...offered.filter((other) => !records.some((record) => affects(record, name, other))),
      // Of what is built from source, the index has no wheels.
      ...(offered.length === 0 ? fixesOf(records, name, version) : []),
    ];
    if (fix === undefined) problems.push(`${name} ${version}: the index has no version without ${ids.join(', ')}`);
    else {
      problems.push(...forbidding(inputs, { name, version: fix }, ids));
      fixes.push({ name, version: fix });
      tools.progress(`${name} ${version} → ${fix} or newer: ${ids.join(', ')}`);
    }
  }
  if (problems.length === 0) return fixes;
  throw new PinpackError('PINPACK_FIX_BLOCKED', `${setLabel(request.set)}:lock --upgrade-vulnerable`, [
    ...problems,
    'Change the requirements, or upgrade the others alone: --upgrade-package=<name>. A vulnerability that does not concern you can be excepted: docs/governance.md.',
  ]);
}

/** Markers are left to the resolver. */
function forbidding({ requirements, constraints = [] }: LockInputs, fix: Version, ids: readonly string[]): string[] {
  return [...requirements, ...constraints].flatMap(({ text, place }) => {
    const { name, specifiers, marker } = parseRequirement(text);
    if (normalizeName(name) !== fix.name || marker !== undefined) return [];
    if (satisfies(parseVersion(fix.version), specifiers)) return [];
    return [`${place}: ${text} forbids ${fix.name} ${fix.version}, the nearest version without ${ids.join(', ')}`];
  });
}
