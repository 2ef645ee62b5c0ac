// Signs requests for one bucket with Signature Version 4 ("Authenticating requests" of the Amazon S3 API reference).
import aws4 from 'aws4';
import type { BucketEndpoint } from './bucket-endpoint.js';
import type { CredentialProvider } from './credentials.js';

export interface Unsigned {
  method: string;
  /** Key of an object, or empty for the bucket itself. */
  key: string;
  query?: Record<string, string>;
  headers: Record<string, string>;
}

export interface SignedRequest {
  origin: string;
  path: string;
  headers: Record<string, string>;
}

export class ObjectSigner {
  constructor(
    private readonly endpoint: BucketEndpoint,
    private readonly credentials: CredentialProvider,
  ) {}

  async sign({ method, key, query, headers }: Unsigned, signingDate: Date): Promise<SignedRequest> {
    const { url, region } = this.endpoint;
    const { accessKeyId, secretAccessKey, sessionToken } = await this.credentials();
    const path = `${pathOf(url, key)}${queryOf(query)}`;
    const all = {
      host: url.host,
      'user-agent': 'pinpack',
      'x-amz-date': signingDate.toISOString().replaceAll(/[:-]|\.\d{3}/g, ''),
      ...headers,
    };
    const request = { service: 's3', region, method, path, headers: all };
    const signed = aws4.sign(request, {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
    });
    return { origin: url.origin, path, headers: signed.headers as Record<string, string> };
  }
}

/** As the AWS SDK does it, the path of a bucket in the path style has no slash at its end. */
function pathOf({ pathname }: URL, key: string): string {
  if (key === '') return pathname === '/' ? pathname : pathname.slice(0, -1);
  return `${pathname}${key.split('/').map(escapeText).join('/')}`;
}

function queryOf(query: Unsigned['query']): string {
  if (query === undefined) return '';
  const pairs = Object.entries(query).map(([name, value]) => `${escapeText(name)}=${escapeText(value)}`);
  return `?${pairs.join('&')}`;
}

/** As Signature Version 4 requires: everything but letters, digits and `-._~` is escaped. */
function escapeText(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
