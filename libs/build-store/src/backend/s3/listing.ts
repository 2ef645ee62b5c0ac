// A page of ListObjectsV2 (Amazon S3 API reference), asked for with `encoding-type=url`: so no key needs more of XML than its tags.
import type { ObjectFacts } from '../backend.js';

export interface ListingPage {
  /** With keys of the bucket for paths. */
  objects: ObjectFacts[];
  /** Of the next page; undefined for the last. */
  next: string | undefined;
}

export function listingQuery(prefix: string, token: string | undefined): Record<string, string> {
  return {
    'list-type': '2',
    'encoding-type': 'url',
    prefix,
    ...(token === undefined ? {} : { 'continuation-token': token }),
  };
}

/** @returns undefined for what is no such page */
export function parseListing(document: string): ListingPage | undefined {
  if (!document.includes('</ListBucketResult>')) return undefined;
  const objects = [...document.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, fields = '']) => ({
    path: decodeURIComponent((element(fields, 'Key') ?? '').replaceAll('+', ' ')),
    size: Number(element(fields, 'Size')),
    modified: new Date(element(fields, 'LastModified') ?? ''),
  }));
  const isTruncated = element(document, 'IsTruncated') === 'true';
  return { objects, next: isTruncated ? element(document, 'NextContinuationToken') : undefined };
}

function element(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_entity, entity: keyof typeof ENTITIES) => ENTITIES[entity]);
}

const ENTITIES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
