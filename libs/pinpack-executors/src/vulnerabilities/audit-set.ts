// Audits the pins of a set: reads vulnerabilities and exceptions, and evaluates them.
import { join } from 'node:path';
import {
  cacheFolder,
  IndexClient,
  readIndexConfiguration,
  type IndexAssignments,
  type Lock,
} from '@pinpack/python-dist';
import { splitSet } from '@pinpack/rpm-packaging';
import { PinpackError } from '../pinpack-error.js';
import { readIfThere } from '../workspace/files.js';
import { limitsOf, type PluginOptions } from '../workspace/plugin-options.js';
import { readLockInputs } from '../workspace/read-lock-inputs.js';
import { readLock } from '../workspace/read-lock.js';
import { auditSettings, type AuditSettings } from './audit-settings.js';
import { applyExceptions, parseExceptions, type AuditedVulnerability } from './exceptions.js';
import { findVulnerabilities, type Version } from './find-vulnerabilities.js';
import { readIndexVulnerabilities } from './index-source.js';
import type { OsvRecord } from './osv-record.js';
import { readOsv } from './osv-source.js';

export interface AuditRequest {
  root: string;
  /** `reqset3`, `multi/py311` */
  set: string;
  options: PluginOptions;
  environment: Readonly<Record<string, string | undefined>>;
  /** `2026-11-26` */
  today: string;
}

export interface Audit {
  /** Number of audited pins: all but those that the workspace itself contains. */
  pins: number;
  vulnerabilities: AuditedVulnerability[];
  records: OsvRecord[];
  /** One line for each source. */
  sources: string[];
  warnings: string[];
  settings: AuditSettings;
}

/** @throws PinpackError `PINPACK_OSV_UNREADABLE`, `PINPACK_EXCEPTIONS_INVALID`, `PINPACK_LOCK_MISSING` */
export async function auditSet(request: AuditRequest): Promise<Audit> {
  const { root, set } = request;
  const pins = auditedPins(readLock(root, set));
  const { indexes } = await readLockInputs(root, set);
  return auditPins({ ...request, pins, indexes });
}

export interface PinsAuditRequest extends AuditRequest {
  pins: readonly Version[];
  indexes: IndexAssignments | undefined;
}

/** Audits other pins than those of the lock. @throws PinpackError `PINPACK_OSV_UNREADABLE`, `PINPACK_EXCEPTIONS_INVALID` */
export async function auditPins({ set, today, ...request }: PinsAuditRequest): Promise<Audit> {
  const { root, options, environment, pins } = request;
  const settings = auditSettings(options, environment);
  const text = readIfThere(join(root, settings.exceptions));
  const exceptions = text === undefined ? [] : parseExceptions(text, settings.exceptions);
  const { records, sources, warnings } = await readRecords({ ...request, settings });
  const sets = [set, splitSet(set).reqset];
  const vulnerabilities = applyExceptions(findVulnerabilities(pins, records), exceptions, { sets, today });
  return { pins: pins.length, vulnerabilities, records, sources, warnings, settings };
}

/** What the workspace itself contains is on no index, and a distribution of the same name there is another one. */
function auditedPins({ packages }: Lock): Version[] {
  return packages.filter(({ source }) => source.kind !== 'directory').map(({ name, version }) => ({ name, version }));
}

interface RecordsRequest {
  root: string;
  options: PluginOptions;
  settings: AuditSettings;
  environment: AuditRequest['environment'];
  pins: readonly Version[];
  indexes: IndexAssignments | undefined;
}

async function readRecords(request: RecordsRequest): Promise<Pick<Audit, 'records' | 'sources' | 'warnings'>> {
  const { root, options, settings, environment, pins, indexes } = request;
  const names = new Set(pins.map(({ name }) => name));
  const osv =
    settings.osv === undefined
      ? undefined
      : await readOsv({ from: settings.osv, root, cache: cacheFolder(environment), names });
  if (!settings.index)
    return { records: osv?.records ?? [], sources: osv ? [osv.description] : [], warnings: osv?.warnings ?? [] };
  const index = IndexClient.of(await readIndexConfiguration(root), { limits: limitsOf(options) }).assigning(indexes);
  const listed = await readIndexVulnerabilities(index, pins);
  const missing = listed.unknown.length;
  if (osv === undefined && missing > 0 && missing === pins.length) throw noSource(pins.length);
  return {
    records: [...(osv?.records ?? []), ...listed.records],
    sources: [...(osv ? [osv.description] : []), `the index, for ${pins.length - missing} of ${pins.length} pins`],
    warnings: [
      ...(osv?.warnings ?? []),
      ...(missing > 0 ? [`the index says nothing about vulnerabilities of ${listNames(listed.unknown)}`] : []),
    ],
  };
}

function listNames(pins: readonly Version[]): string {
  const shown = pins.slice(0, 5).map(({ name }) => name);
  return `${shown.join(', ')}${pins.length > shown.length ? ` and ${pins.length - shown.length} more` : ''}`;
}

function noSource(pins: number): PinpackError {
  return new PinpackError('PINPACK_OSV_UNREADABLE', 'audit', [
    `the index says nothing about vulnerabilities of any of the ${pins} pins: it has no JSON API with \`vulnerabilities\``,
    'Name OSV data: "audit": { "osv": "/srv/osv/PyPI" } in the options of the plugin in nx.json, or PINPACK_OSV; a folder, an archive (.zip) or its URL.',
  ]);
}
