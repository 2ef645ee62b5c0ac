// The signed statement of the latest publication: latest.asc beside the mirrorlist, which is not signed. It says which publication is the latest and until when
// that is good, so that a reader recognizes publications that are older than one seen before, and a server that no longer gets new ones. Pure.
import { checkJson } from '@pinpack/common/json';
import { z } from 'zod';

export const LATEST = 'latest.asc';
export const LATEST_LIMIT = 1 << 20;

export interface LatestStatement {
  label: string;
  /** Rises with each statement, also if a rollback makes an older publication the latest. */
  sequence: number;
  /** ID of the publication. */
  publication: string;
  /** Revision of its metadata; undefined if it is a publication of an earlier version of pinpack. */
  revision?: number;
  /** sha256 of its repomd.xml, in hex. */
  repomd: string;
  /** ISO 8601. */
  issued: string;
  expires: string;
}

const STATEMENT = z.object({
  format: z.literal(1),
  label: z.string(),
  sequence: z.int(),
  publication: z.string(),
  revision: z.int().exactOptional(),
  repomd: z.string().regex(/^[0-9a-f]{64}$/),
  issued: z.iso.datetime(),
  expires: z.iso.datetime(),
});

const DAY_MS = 24 * 60 * 60_000;

export interface StatementRequest extends Omit<LatestStatement, 'sequence' | 'issued' | 'expires'> {
  /** The statement that it replaces. */
  previous: Pick<LatestStatement, 'sequence'> | undefined;
  /** How long it is good. */
  validDays: number;
  now: Date;
}

export function planStatement({ previous, validDays, now, ...facts }: StatementRequest): LatestStatement {
  // Rises even if the statement before was lost.
  const sequence = Math.max(Math.floor(now.getTime() / 1000), (previous?.sequence ?? 0) + 1);
  const time = (milliseconds: number) => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
  return { ...facts, sequence, issued: time(now.getTime()), expires: time(now.getTime() + validDays * DAY_MS) };
}

export function formatStatement(statement: LatestStatement): string {
  return `${JSON.stringify({ format: 1, ...statement }, undefined, 2)}\n`;
}

/** The statement, or every issue. @param text - after its signature has been verified */
export function parseStatement(text: string): { statement: LatestStatement } | { problem: string } {
  const { value, issues } = checkJson(text, STATEMENT);
  if (issues !== undefined) return { problem: issues.join('; ') };
  const { label, sequence, publication, revision, repomd, issued, expires } = value;
  return {
    statement: {
      ...{ label, sequence, publication, repomd, issued, expires },
      ...(revision !== undefined && { revision }),
    },
  };
}
