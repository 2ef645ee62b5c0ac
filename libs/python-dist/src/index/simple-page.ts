// Parses a project's page of a simple index: PEP 691 (JSON) and PEP 503 (HTML), with PEP 658/714 metadata and PEP 592 yanks.
import { z } from 'zod';
import { distError } from '../dist-error.js';
import { parseJson } from '@pinpack/common/json';
import { readStartTags, type Attributes } from './html-tags.js';
import { redact } from './redact.js';

/** A file of an index. `size` in bytes and `sha256` in hex, if they are on the page. */
export interface IndexFile {
  name: string;
  url: string;
  sha256?: string;
  size?: number;
  /** Present if the index has `<url>.metadata`; with its sha256 if it is on the page. */
  metadata?: { sha256?: string };
  yanked: boolean;
  /** The index's reason, if it gives one. */
  yankedReason?: string;
  /** `>=3.10` */
  requiresPython?: string;
  /** RFC 3339, by PEP 700. */
  uploadTime?: string;
}

const HASHES = z.record(z.string(), z.string());
const METADATA = z.union([z.boolean(), HASHES]);

/** Indexes differ in their optional fields (null, other types): such a field counts as absent. */
const JSON_PAGE = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: HASHES.optional().catch(undefined),
      size: z.number().int().positive().optional().catch(undefined),
      'core-metadata': METADATA.optional().catch(undefined),
      'data-dist-info-metadata': METADATA.optional().catch(undefined),
      yanked: z.union([z.boolean(), z.string()]).optional().catch(undefined),
      'requires-python': z.string().optional().catch(undefined),
      'upload-time': z.string().optional().catch(undefined),
    }),
  ),
});

/**
 * Parses a PEP 691 page.
 *
 * @param base - the page's URL, the base of relative file URLs
 * @throws DistError `DIST_INDEX_PAGE_INVALID`
 */
export function parseJsonPage(text: string, base: string): IndexFile[] {
  return parseFiles(text, base).flatMap((file) => {
    const url = parseUrl(file.url, base)?.href;
    if (url === undefined) return [];
    const sha256 = file.hashes?.sha256;
    const metadata = file['core-metadata'] ?? file['data-dist-info-metadata'] ?? false;
    const parsed: IndexFile = {
      name: file.filename,
      url,
      ...(sha256 !== undefined && { sha256 }),
      ...(file.size !== undefined && { size: file.size }),
      ...(metadata !== false && { metadata: metadata === true ? {} : pickSha256(metadata.sha256) }),
      yanked: file.yanked !== undefined && file.yanked !== false,
      ...(typeof file.yanked === 'string' && file.yanked !== '' && { yankedReason: file.yanked }),
      ...optional('requiresPython', file['requires-python']),
      ...optional('uploadTime', file['upload-time']),
    };
    return [parsed];
  });
}

function parseFiles(text: string, base: string): z.infer<typeof JSON_PAGE>['files'] {
  const page = parseJson(text, JSON_PAGE);
  if (page !== undefined) return page.files;
  throw distError(redact(base), 'DIST_INDEX_PAGE_INVALID', [
    'is not a page of a simple index (PEP 691)',
    'Check that the configured URL is that of a simple index (PIP_INDEX_URL, pip.conf or uv.toml).',
  ]);
}

/** Parses a PEP 503 page. @param base - the page's URL; a `<base href>` overrides it */
export function parseHtmlPage(text: string, base: string): IndexFile[] {
  const files: IndexFile[] = [];
  let start = base;
  readStartTags(text, (name, attributes) => {
    const { href } = attributes;
    if (href === undefined) return;
    if (name === 'base') start = parseUrl(href, base)?.href ?? base;
    if (name === 'a') files.push(...fileOfAnchor(href, start, attributes));
  });
  return files;
}

/** No file if the link is invalid: pip ignores such links too. */
function fileOfAnchor(href: string, start: string, attributes: Attributes): IndexFile[] {
  const url = parseUrl(href, start);
  const name = url === undefined ? undefined : decodeName(url);
  if (url === undefined || name === undefined) return [];
  const sha256 = /^#sha256=([0-9a-f]{64})$/.exec(url.hash)?.[1];
  const metadata = attributes['data-core-metadata'] ?? attributes['data-dist-info-metadata'];
  url.hash = '';
  const file = {
    name,
    url: url.href,
    ...(sha256 !== undefined && { sha256 }),
    ...(metadata !== undefined &&
      metadata !== 'false' && { metadata: pickSha256(/^sha256=([0-9a-f]{64})$/.exec(metadata)?.[1]) }),
    yanked: 'data-yanked' in attributes,
    ...(attributes['data-yanked'] && { yankedReason: attributes['data-yanked'] }),
    ...optional('requiresPython', attributes['data-requires-python']),
  };
  return [file];
}

function parseUrl(text: string, base: string): URL | undefined {
  return URL.canParse(text, base) ? new URL(text, base) : undefined;
}

function decodeName(url: URL): string | undefined {
  try {
    return decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  } catch {
    return undefined;
  }
}

function optional<Key extends string>(key: Key, value: string | undefined): Partial<Record<Key, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, string>);
}

function pickSha256(sha256: string | undefined): { sha256?: string } {
  return sha256 === undefined ? {} : { sha256 };
}
