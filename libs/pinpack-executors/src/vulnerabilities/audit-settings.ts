// The settings of `audit` from nx.json and the environment. Pure.
import type { PluginOptions } from '../workspace/plugin-options.js';
import type { SEVERITIES } from './severity.js';

export interface AuditSettings {
  /** A folder, an archive or a URL; undefined: none. */
  osv: string | undefined;
  /** Whether the index is asked. */
  index: boolean;
  /** Relative to the workspace's root. */
  exceptions: string;
  failOn: (typeof SEVERITIES)[number] | 'never';
}

export function auditSettings(
  { audit = {} }: PluginOptions,
  environment: Readonly<Record<string, string | undefined>>,
): AuditSettings {
  const { PINPACK_OSV: given } = environment;
  const osv = given === undefined || given === '' ? audit.osv : given;
  return {
    osv,
    index: audit.index ?? osv === undefined,
    exceptions: audit.exceptions ?? 'vulnerability-exceptions.json',
    failOn: audit.failOn ?? 'low',
  };
}
