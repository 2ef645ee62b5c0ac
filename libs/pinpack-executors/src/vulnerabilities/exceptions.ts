// The reviewed exceptions of `audit`: vulnerabilities that do not count, why, and until when. Statuses and justifications are OpenVEX's. Pure.
import { checkJson } from '@pinpack/common/json';
import { normalizeName } from '@pinpack/python-dist';
import { z } from 'zod';
import { PinpackError } from '../pinpack-error.js';
import type { Vulnerability } from './find-vulnerabilities.js';

const TEXT = z.string('a text').regex(/\S/, 'a text');
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const JUSTIFICATIONS = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;

const EXCEPTION = z.strictObject({
  /** One of the vulnerability's names: CVE-…, GHSA-…, PYSEC-…. */
  id: TEXT,
  /** Name of the distribution. */
  pin: TEXT,
  /** The versions that were reviewed; absent: all. */
  version: TEXT.optional(),
  /** Sets or reqsets; absent: all. */
  reqsets: z.array(TEXT, 'a list of reqsets').optional(),
  status: z.enum(['not_affected', 'affected', 'under_investigation'], 'not_affected, affected or under_investigation'),
  justification: z.enum(JUSTIFICATIONS, JUSTIFICATIONS.join(', ')).optional(),
  reason: TEXT,
  /** The last day on which it holds: 2026-12-31. */
  expires: z.string('a day such as 2026-12-31').refine((day) => DAY.test(day) && !Number.isNaN(Date.parse(day)), {
    error: 'a day such as 2026-12-31',
  }),
});

const FILE = z.strictObject({
  $schema: z.string().optional(),
  format: z.literal(1, '1'),
  exceptions: z.array(EXCEPTION, 'a list of exceptions'),
});

export type Exception = z.output<typeof EXCEPTION>;

/** @throws PinpackError `PINPACK_EXCEPTIONS_INVALID` with every issue */
export function parseExceptions(text: string, subject: string): Exception[] {
  const { value, issues } = checkJson(text, FILE);
  const missing = (value?.exceptions ?? []).flatMap(({ status, justification }, index) =>
    status === 'not_affected' && justification === undefined
      ? [`exceptions[${index}].justification is missing, expected one of ${JUSTIFICATIONS.join(', ')}`]
      : [],
  );
  if (value !== undefined && missing.length === 0) return value.exceptions;
  throw new PinpackError('PINPACK_EXCEPTIONS_INVALID', subject, [
    ...(issues ?? missing),
    'See docs/governance.md, "Exceptions".',
  ]);
}

export interface AuditedVulnerability extends Vulnerability {
  /** It does not count. */
  exception?: Exception;
  /** It did not count until this one expired. */
  expired?: Exception;
}

export interface ExceptionContext {
  /** Names of the set: `multi/py311` and `multi`. */
  sets: readonly string[];
  /** `2026-11-26` */
  today: string;
}

export function applyExceptions(
  vulnerabilities: readonly Vulnerability[],
  exceptions: readonly Exception[],
  { sets, today }: ExceptionContext,
): AuditedVulnerability[] {
  return vulnerabilities.map((vulnerability) => {
    const { ids, name, version } = vulnerability;
    const matching = exceptions.filter(
      (one) =>
        ids.includes(one.id) &&
        normalizeName(one.pin) === name &&
        (one.version === undefined || one.version === version) &&
        (one.reqsets === undefined || one.reqsets.some((set) => sets.includes(set))),
    );
    const exception = matching.find(({ expires }) => today <= expires);
    const [expired] = matching;
    if (exception !== undefined) return { ...vulnerability, exception };
    return expired === undefined ? vulnerability : { ...vulnerability, expired };
  });
}
