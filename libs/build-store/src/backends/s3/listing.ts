// A page of ListObjectsV2 (Amazon S3 API reference), asked for with `encoding-type=url`: so no key needs more of XML than its tags.
import type { ObjectFacts } from '../backend.js';

export interface ListingPage {
  /** With keys of the bucket for paths. */
  objects: ObjectFacts[];
  /** What has a delimiter after the prefix, up to it and with it: one for all that have the same. */
  prefixes: string[];
  /** Of the next page; undefined for the last. */
  next: string | undefined;
}

export function listingQuery(prefix: string, token: string | undefined, delimiter?: '/'): Record<string, string> {
  return {
    'list-type': '2',
    'encoding-type': 'url',
    prefix,
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(token === undefined ? {} : { 'continuation-token': token }),
  };
}

/** @returns undefined for what is no such page */
export function parseListing(document: string): ListingPage | undefined {
  if (!document.includes('</ListBucketResult>')) return undefined;
  const objects = [...document.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, fields = '']) => ({
    path: decodeName(element(fields, 'Key')),
    size: Number(element(fields, 'Size')),
    modified: new Date(element(fields, 'LastModified') ?? ''),
  }));
  const prefixes = [...document.matchAll(/<CommonPrefixes>(.*?)<\/CommonPrefixes>/gs)].map(([, fields = '']) =>
    decodeName(element(fields, 'Prefix')),
  );
  const isTruncated = element(document, 'IsTruncated') === 'true';
  return { objects, prefixes, next: isTruncated ? element(document, 'NextContinuationToken') : undefined };
}

function decodeName(text = ''): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_entity, entity: keyof typeof ENTITIES) => ENTITIES[entity]);
}

const ENTITIES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
