// Vulnerabilities in OSV's format (ossf.github.io/osv-schema), as far as they concern distributions of PyPI. Pure.
import { parseJson } from '@pinpack/common/json';
import { normalizeName } from '@pinpack/python-dist';
import { z } from 'zod';

const SEVERITIES = z.array(z.object({ type: z.string(), score: z.string() }));
const DATABASE = z
  .object({ severity: z.string().optional().catch(undefined) })
  .optional()
  .catch(undefined);
const EVENT = z.object({
  introduced: z.string().optional(),
  fixed: z.string().optional(),
  last_affected: z.string().optional(),
  limit: z.string().optional(),
});
const AFFECTED = z.object({
  package: z.object({ ecosystem: z.string(), name: z.string() }).optional(),
  ranges: z.array(z.object({ type: z.string(), events: z.array(EVENT) })).nullish(),
  versions: z.array(z.string()).nullish(),
  severity: SEVERITIES.nullish(),
  database_specific: DATABASE,
});
const RECORD = z.object({
  id: z.string().min(1),
  modified: z.string().optional(),
  withdrawn: z.string().nullish(),
  aliases: z.array(z.string()).nullish(),
  summary: z.string().nullish(),
  details: z.string().nullish(),
  severity: SEVERITIES.nullish(),
  affected: z.array(AFFECTED).nullish(),
  references: z.array(z.object({ type: z.string(), url: z.string() })).nullish(),
  database_specific: DATABASE,
});

export type OsvEvent = z.output<typeof EVENT>;

export interface OsvAffected {
  /** PEP 503 name. */
  name: string;
  /** Ranges of versions; those of commits are left out. */
  ranges: OsvEvent[][];
  versions: string[];
  /** CVSS vectors and words for the severity. */
  severities: string[];
}

export interface OsvRecord {
  id: string;
  aliases: string[];
  /** ISO 8601. */
  modified?: string;
  summary: string;
  severities: string[];
  affected: OsvAffected[];
  references: { type: string; url: string }[];
}

/**
 * The record. Undefined if it was withdrawn or concerns no distribution of PyPI.
 *
 * @returns `problem` if the text is not an OSV record
 */
export function parseOsv(text: string): OsvRecord | { problem: string } | undefined {
  const parsed = parseJson(text, RECORD);
  if (parsed === undefined) return { problem: 'is not a vulnerability in OSV format' };
  const { id, aliases, modified, withdrawn, summary, details, severity, affected, references, database_specific } =
    parsed;
  const ours = (affected ?? []).flatMap(affectedOf);
  if ((withdrawn ?? '') !== '' || ours.length === 0) return undefined;
  return {
    id,
    aliases: aliases ?? [],
    ...(modified !== undefined && { modified }),
    summary: oneLine(summary ?? details ?? ''),
    severities: severitiesOf(severity, database_specific),
    affected: ours,
    references: references ?? [],
  };
}

function affectedOf(affected: z.output<typeof AFFECTED>): OsvAffected[] {
  const { package: distribution, ranges, versions, severity, database_specific } = affected;
  if (distribution?.ecosystem !== 'PyPI') return [];
  return [
    {
      name: normalizeName(distribution.name),
      ranges: (ranges ?? []).filter(({ type }) => type !== 'GIT').map(({ events }) => events),
      versions: versions ?? [],
      severities: severitiesOf(severity, database_specific),
    },
  ];
}

function severitiesOf(
  severity: z.output<typeof SEVERITIES> | null | undefined,
  database: z.output<typeof DATABASE>,
): string[] {
  return [
    ...(database?.severity === undefined ? [] : [database.severity]),
    ...(severity ?? []).map(({ score }) => score),
  ];
}

function oneLine(text: string): string {
  const line = text.trim().split('\n', 1)[0]?.replaceAll(/\s+/g, ' ') ?? '';
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
