// Finds AWS credentials: from the environment that the caller passes, else through the usual chain of the AWS SDK.
import type { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { S3Location } from '../../names/store-url.js';
import { StoreError } from '../../store-error.js';
import { within, type S3Limits } from './limits.js';

export type Environment = Record<string, string | undefined>;
export type CredentialProvider = ReturnType<typeof fromNodeProviderChain>;

const FAILURE_KEPT_MS = 30_000;
const NO_CREDENTIALS = `no AWS credentials were found
  expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, a web identity, or an instance's role`;

export interface CredentialOptions {
  /** Name of the store in messages, without secrets. */
  label: string;
  environment: Environment;
  limits: Pick<S3Limits, 'credentialsMs'>;
  /** Region in which the chain exchanges web identities and roles for credentials. */
  region: string | undefined;
}

/** The provider throws StoreError `STORE_FORBIDDEN` when there are no credentials. */
export function credentialProvider({ profile }: S3Location, options: CredentialOptions): CredentialProvider {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = options.environment;
  const { AWS_SESSION_TOKEN: sessionToken } = options.environment;
  if (profile === undefined && accessKeyId !== undefined && secretAccessKey !== undefined) {
    const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
    return () => Promise.resolve(credentials);
  }
  let chain: Promise<CredentialProvider> | undefined;
  return withFailuresKept(async () => {
    chain ??= loadChain(profile, options.region);
    return (await chain)();
  }, options);
}

async function loadChain(profile: string | undefined, region: string | undefined): Promise<CredentialProvider> {
  const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
  return fromNodeProviderChain({
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { clientConfig: { region } }),
  });
}

/** The chain keeps credentials until they expire, but no failure; a failure takes long where the metadata service doesn't answer. */
function withFailuresKept(chain: CredentialProvider, { label, limits }: CredentialOptions): CredentialProvider {
  let failure: { error: StoreError; until: number } | undefined;
  return async () => {
    if (failure !== undefined && Date.now() < failure.until) throw failure.error;
    try {
      return await within(limits.credentialsMs, chain());
    } catch (cause) {
      const error = new StoreError('STORE_FORBIDDEN', label, NO_CREDENTIALS, { cause });
      failure = { error, until: Date.now() + FAILURE_KEPT_MS };
      throw error;
    }
  };
}
