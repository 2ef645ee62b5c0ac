/** repository.json lists a repository's packages and advisories; the next release of the repository starts from it. */
import { checkJson } from '@pinpack/common/json';
import { z } from 'zod';
import { RepoError } from './repo-error.js';

export interface PublishedPackage {
  name: string;
  /** `[epoch:]version-release` */
  evr: string;
  architecture: string;
  /** In the repository: `packages/….rpm` */
  file: string;
  size: number;
  /** Of the file, in hex. */
  sha256: string;
  /** Of the RPM before it was signed, in hex; the same where it wasn't. */
  unsigned: string;
  /** Of a wheel RPM: what it carries. */
  pin?: { name: string; version: string };
}

export interface Link {
  title: string;
  href: string;
}

/** A reference of an advisory: a page, or a vulnerability. */
export interface Reference extends Link {
  /** Of a vulnerability: `CVE-2026-11111`. */
  cve?: string;
}

export type AdvisoryType = 'newpackage' | 'enhancement' | 'bugfix' | 'security';

/** As in the advisories of Red Hat and Fedora, and as dnf's `--sec-severity` expects them. */
export type AdvisorySeverity = 'Critical' | 'Important' | 'Moderate' | 'Low';

export interface Advisory {
  id: string;
  type: AdvisoryType;
  /** Of a security advisory, if it is known. */
  severity?: AdvisorySeverity;
  title: string;
  description: string;
  /** ISO 8601 in UTC, to the second: `2026-11-22T18:44:39Z` */
  date: string;
  references: Reference[];
  packages: Pick<PublishedPackage, 'name' | 'evr' | 'architecture' | 'file'>[];
}

export interface RepositoryRecord {
  label: string;
  /** Fingerprint of the key that signed it. */
  key?: string;
  /** That of repomd.xml; absent in the records of earlier versions of pinpack. */
  revision?: number;
  /** Digest of everything else that the repository was made of, in hex: the same content keeps its revision. */
  content?: string;
  packages: PublishedPackage[];
  advisories: Advisory[];
}

const FORMAT = 1;

export function formatRepositoryRecord({ packages, advisories, ...facts }: RepositoryRecord): string {
  const record = { format: FORMAT, ...facts, packages, advisories };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

const TEXT = z.string();
const SHA256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('a sha256 in hex');
/** Becomes a path, and comes from elsewhere. */
const FILE = z
  .string()
  .regex(/^packages\/[^/]+\.rpm$/)
  .describe('packages/ and the name of an RPM');

const PACKAGE = z.object({
  name: TEXT,
  evr: TEXT,
  architecture: TEXT,
  file: FILE,
  size: z.int(),
  sha256: SHA256,
  unsigned: SHA256,
  pin: z.object({ name: TEXT, version: TEXT }).exactOptional(),
});

const ADVISORY = z.object({
  id: TEXT,
  type: z.enum(['newpackage', 'enhancement', 'bugfix', 'security']),
  severity: z.enum(['Critical', 'Important', 'Moderate', 'Low']).exactOptional(),
  title: TEXT,
  description: TEXT,
  date: TEXT,
  references: z.array(z.object({ title: TEXT, href: TEXT, cve: TEXT.exactOptional() })),
  packages: z.array(z.object({ name: TEXT, evr: TEXT, architecture: TEXT, file: FILE })),
});

const RECORD = z.object({
  format: z.literal(FORMAT).describe(`${FORMAT}; a newer pinpack may have published it`),
  label: TEXT,
  key: TEXT.exactOptional(),
  revision: z.int().exactOptional(),
  content: SHA256.exactOptional(),
  packages: z.array(PACKAGE),
  advisories: z.array(ADVISORY),
});

/** @param subject - the file, for messages. @throws RepoError `REPO_RECORD_INVALID` with every issue */
export function parseRepositoryRecord(text: string, subject: string): RepositoryRecord {
  const { value, issues } = checkJson(text, RECORD);
  if (issues !== undefined)
    throw new RepoError('REPO_RECORD_INVALID', subject, ['not a repository of pinpack', ...issues]);
  const { label, key, revision, content, packages, advisories } = value;
  return {
    label,
    ...(key !== undefined && { key }),
    ...(revision !== undefined && { revision }),
    ...(content !== undefined && { content }),
    ...{ packages, advisories },
  };
}
