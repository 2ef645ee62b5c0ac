// One project's page of a simple index: PEP 691 (JSON) and PEP 503 (HTML), with PEP 658/714 metadata and PEP 592 yanks.
import { Parser } from 'htmlparser2';
import { distError } from '../dist-error.js';
import { redact } from './redact.js';

/** A file that an index offers. `size` in bytes where the index tells, `sha256` in hex where it tells. */
export interface IndexFile {
  name: string;
  url: string;
  sha256?: string;
  size?: number;
  /** The metadata file (`<url>.metadata`) is there; its sha256 where the index tells. */
  metadata?: { sha256?: string };
  yanked: boolean;
}

interface JsonFile {
  filename: string;
  url: string;
  hashes?: Record<string, string>;
  size?: number;
  'core-metadata'?: boolean | Record<string, string>;
  'data-dist-info-metadata'?: boolean | Record<string, string>;
  yanked?: boolean | string;
}

/**
 * Parses a PEP 691 page.
 *
 * @param base - the page's URL, which relative file URLs start from
 * @throws DistError `DIST_INDEX_PAGE_INVALID`
 */
export function parseJsonPage(text: string, base: string): IndexFile[] {
  return parseFiles(text, base).map((file) => {
    const sha256 = file.hashes?.sha256;
    const metadata = file['core-metadata'] ?? file['data-dist-info-metadata'] ?? false;
    return {
      name: file.filename,
      url: new URL(file.url, base).href,
      ...(sha256 !== undefined && { sha256 }),
      ...(file.size !== undefined && { size: file.size }),
      ...(metadata !== false && { metadata: metadata === true ? {} : pickSha256(metadata.sha256) }),
      yanked: file.yanked !== undefined && file.yanked !== false,
    };
  });
}

function parseFiles(text: string, base: string): JsonFile[] {
  try {
    const page: unknown = JSON.parse(text);
    const files = isObject(page) ? page.files : undefined;
    if (Array.isArray(files) && files.every(isFile)) return files;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw distError(redact(base), 'DIST_INDEX_PAGE_INVALID', [
    'is not the page of an index (PEP 691)',
    'Check the index that pip or uv is configured with: is its URL that of a simple index?',
  ]);
}

function isFile(file: unknown): file is JsonFile {
  return isObject(file) && typeof file.filename === 'string' && typeof file.url === 'string';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Parses a PEP 503 page. @param base - the page's URL; a `<base href>` in it goes before it */
export function parseHtmlPage(text: string, base: string): IndexFile[] {
  const files: IndexFile[] = [];
  let start = base;
  const parser = new Parser({
    onopentag(name, attributes) {
      const href = attributes.href;
      if (href === undefined) return;
      if (name === 'base') start = parseUrl(href, base)?.href ?? base;
      if (name === 'a') files.push(...fileOfAnchor(href, start, attributes));
    },
  });
  parser.end(text);
  return files;
}

/** None where the link leads nowhere: pip passes over such a link too. */
function fileOfAnchor(href: string, start: string, attributes: Record<string, string>): IndexFile[] {
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

function pickSha256(sha256: string | undefined): { sha256?: string } {
  return sha256 === undefined ? {} : { sha256 };
}
