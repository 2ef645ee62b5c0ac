// The endpoint of a bucket in the cases where it follows from the settings alone ("Virtual hosting of buckets" of the Amazon S3 user guide). The AWS SDK
// resolves all others.
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { S3Location } from '../../names/store-url.js';

export interface BucketEndpoint {
  /** URL of the bucket, with a slash at its end. */
  url: URL;
  /** Region that requests are signed for. */
  region: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Regions of the partition `aws`. Others have other domains. */
const REGION =
  /^(?:af|ap|ca|eu|il|me|mx|sa|us)-(?:central|east|north|northeast|northwest|south|southeast|southwest|west)-\d$/;
/** A bucket that can be the first part of a host name. Names with two hyphens may belong to other kinds of buckets. */
const HOST_LABEL = /^(?!.*--)[a-z0-9-]+$/;
const IP_ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*\])$/;

/**
 * @param configured - endpoint and region of the URL or the environment
 * @param environment - of the process, as the SDK reads it
 * @returns undefined if the SDK has to resolve it
 */
export function knownEndpoint(
  { bucket, pathStyle, profile }: S3Location,
  { endpoint, region }: { endpoint: string | undefined; region: string | undefined },
  environment: Environment,
): BucketEndpoint | undefined {
  if (region === undefined || profile !== undefined || hasOtherSettings(environment)) return undefined;
  if (endpoint === undefined) {
    if (pathStyle || !REGION.test(region) || !HOST_LABEL.test(bucket)) return undefined;
    return { url: new URL(`https://${bucket}.s3.${region}.amazonaws.com/`), region };
  }
  const { protocol, host, hostname, pathname, search, hash } = new URL(endpoint);
  if (search !== '' || hash !== '') return undefined;
  const base = pathname.endsWith('/') ? pathname : `${pathname}/`;
  if (pathStyle || IP_ADDRESS.test(hostname)) return { url: new URL(`${protocol}//${host}${base}${bucket}/`), region };
  return HOST_LABEL.test(bucket) ? { url: new URL(`${protocol}//${bucket}.${host}${base}`), region } : undefined;
}

/** Settings that select other kinds of endpoints, such as FIPS, may also be in the user's AWS configuration. */
function hasOtherSettings({
  AWS_USE_FIPS_ENDPOINT,
  AWS_USE_DUALSTACK_ENDPOINT,
  AWS_CONFIG_FILE,
}: Environment): boolean {
  const isSet = [AWS_USE_FIPS_ENDPOINT, AWS_USE_DUALSTACK_ENDPOINT].some(
    (value) => value !== undefined && value !== '',
  );
  return isSet || hasContent(AWS_CONFIG_FILE ?? join(homedir(), '.aws/config'));
}

function hasContent(file: string): boolean {
  try {
    return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
  } catch {
    // The SDK reports what is wrong with it.
    return true;
  }
}
