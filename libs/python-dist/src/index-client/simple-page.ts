// One project's page of a simple index: PEP 691 (JSON) and PEP 503 (HTML), with PEP 658/714 metadata and PEP 592 yanks.
import { Parser } from 'htmlparser2';

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

/** Parses a PEP 691 page. @param base - the page's URL, which relative file URLs start from */
export function parseJsonPage(text: string, base: string): IndexFile[] {
  const { files } = JSON.parse(text) as { files: JsonFile[] };
  return files.map((file) => {
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

/** Parses a PEP 503 page. @param base - the page's URL; a `<base href>` in it goes before it */
export function parseHtmlPage(text: string, base: string): IndexFile[] {
  const files: IndexFile[] = [];
  let start = base;
  const parser = new Parser({
    onopentag(name, attributes) {
      const href = attributes.href;
      if (href === undefined) return;
      if (name === 'base') start = new URL(href, base).href;
      if (name === 'a') files.push(fileOfAnchor(new URL(href, start), attributes));
    },
  });
  parser.end(text);
  return files;
}

function fileOfAnchor(url: URL, attributes: Record<string, string>): IndexFile {
  const sha256 = /^#sha256=([0-9a-f]{64})$/.exec(url.hash)?.[1];
  const metadata = attributes['data-core-metadata'] ?? attributes['data-dist-info-metadata'];
  url.hash = '';
  return {
    name: decodeURIComponent(url.pathname.split('/').at(-1) ?? ''),
    url: url.href,
    ...(sha256 !== undefined && { sha256 }),
    ...(metadata !== undefined &&
      metadata !== 'false' && { metadata: pickSha256(/^sha256=([0-9a-f]{64})$/.exec(metadata)?.[1]) }),
    yanked: 'data-yanked' in attributes,
  };
}

function pickSha256(sha256: string | undefined): { sha256?: string } {
  return sha256 === undefined ? {} : { sha256 };
}
