// What `pinpack doctor` reports: one line for each check. Pure.

/** `fail`: a target of the workspace fails. `warn`: something that others need, or that nobody needs yet. */
export type Status = 'ok' | 'warn' | 'fail';

export interface Packages {
  debian: string;
  fedora: string;
  rhel: string;
  suse: string;
}

export interface Finding {
  /** Stable, for scripts: `node`, `python-3.11`, `program-bwrap`. */
  id: string;
  status: Status;
  /** What was found, and what needs it. */
  text: string;
  /** What to install. */
  packages?: Packages;
}

const FAMILIES = { debian: 'Debian', fedora: 'Fedora', rhel: 'RHEL', suse: 'SUSE' } as const;

export function formatFindings(findings: readonly Finding[]): string {
  const counts = (['fail', 'warn'] as const).map((status) => findings.filter((one) => one.status === status).length);
  return [
    ...findings.map(({ status, text, packages }) =>
      [
        `${status.padEnd(4)}  ${text.replaceAll('\n', '\n      ')}`,
        ...(packages === undefined ? [] : [`      ${formatPackages(packages)}`]),
      ].join('\n'),
    ),
    `${findings.length} checks: ${counts[0] ?? 0} failed, ${counts[1] ?? 0} warnings`,
  ].join('\n');
}

function formatPackages(packages: Packages): string {
  return Object.entries(FAMILIES)
    .map(([family, title]) => `${title}: ${packages[family as keyof Packages]}`)
    .join(', ');
}
