// The result of an audit as text and JSON. Pure.
import { formatTable } from '@pinpack/common/format-table';
import type { Audit } from './audit-set.js';
import type { AuditedVulnerability } from './exceptions.js';
import { reaches } from './severity.js';

/** The vulnerabilities that make `audit` fail. */
export function failing({ vulnerabilities, settings: { failOn } }: Audit): AuditedVulnerability[] {
  if (failOn === 'never') return [];
  return vulnerabilities.filter(({ exception, severity }) => exception === undefined && reaches(severity, failOn));
}

export function formatAudit(label: string, audit: Audit): string {
  const { vulnerabilities, pins, sources } = audit;
  const counted = vulnerabilities.filter(({ exception }) => exception === undefined);
  const excepted = vulnerabilities.filter(({ exception }) => exception !== undefined);
  const rows = counted.map(({ severity, name, version, id, ids, fixed, summary }) => [
    severity,
    `${name} ${version}`,
    [id, ...ids.filter((other) => other !== id)].join(' '),
    fixed[0] ?? 'no fix',
    summary,
  ]);
  return [
    ...(rows.length === 0 ? [] : formatTable(['severity', 'pin', 'vulnerability', 'fixed in', ''], rows)),
    ...counted.flatMap(({ id, name, expired }) =>
      expired === undefined
        ? []
        : [`${id} ${name}: its exception has expired on ${expired.expires} (${expired.reason})`],
    ),
    ...excepted.map(
      ({ id, name, exception }) =>
        `${id} ${name}: ${exception?.status ?? ''} until ${exception?.expires ?? ''}: ${exception?.reason ?? ''}`,
    ),
    `${label}: ${summary(counted)}${excepted.length > 0 ? `, ${excepted.length} excepted` : ''}, in ${pins} ${pins === 1 ? 'pin' : 'pins'} (${sources.join('; ')})`,
  ].join('\n');
}

function summary(counted: readonly AuditedVulnerability[]): string {
  if (counted.length === 0) return 'no known vulnerability';
  const severities = [...new Set(counted.map(({ severity }) => severity))];
  const parts = severities.map((one) => `${counted.filter(({ severity }) => severity === one).length} ${one}`);
  return `${counted.length} ${counted.length === 1 ? 'vulnerability' : 'vulnerabilities'} (${parts.join(', ')})`;
}

export function auditJson(label: string, audit: Audit): unknown {
  const { vulnerabilities, pins, sources, warnings, settings } = audit;
  const failed = failing(audit);
  return {
    ...{ label, pins, sources, warnings, failOn: settings.failOn, failed: failed.length },
    vulnerabilities: vulnerabilities.map((one) => ({ ...one, fails: failed.includes(one) })),
  };
}
