// Finds the vulnerabilities that a new publication fixes, for its advisories.
import { cacheFolder } from '@pinpack/python-dist';
import type { AdvisorySeverity, FixedVulnerability, PinChange } from '@pinpack/rpm-repo';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { auditSettings } from './audit-settings.js';
import { fixedBetween } from './find-vulnerabilities.js';
import { readOsv } from './osv-source.js';
import type { Severity } from './severity.js';

const SEVERITIES: Readonly<Partial<Record<Severity, AdvisorySeverity>>> = {
  critical: 'Critical',
  high: 'Important',
  medium: 'Moderate',
  low: 'Low',
};

export interface FixesSource {
  root: string;
  options: PluginOptions;
  environment: Readonly<Record<string, string | undefined>>;
  /** PEP 503 names of the pins. */
  names: readonly string[];
}

export type FixedBy = (change: PinChange) => readonly FixedVulnerability[];

/**
 * Undefined if no OSV data are configured. What the index itself has does not serve: it knows the locked versions only.
 *
 * @throws PinpackError `PINPACK_OSV_UNREADABLE`
 */
export async function readFixes({ root, options, environment, names }: FixesSource): Promise<FixedBy | undefined> {
  const { osv } = auditSettings(options, environment);
  if (osv === undefined) return undefined;
  const { records, warnings } = await readOsv({
    from: osv,
    root,
    cache: cacheFolder(environment),
    names: new Set(names),
  });
  for (const warning of warnings) console.warn(`warning: ${warning}`);
  return ({ name, from, to }) =>
    fixedBetween(name, { from, to }, records).map(({ id, summary, url, severity }) => {
      const rating = SEVERITIES[severity];
      return { id, title: summary, href: url, ...(rating !== undefined && { severity: rating }) };
    });
}
