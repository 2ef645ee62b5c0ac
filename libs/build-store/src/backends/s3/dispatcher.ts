// The HTTP connections to S3, direct or through the proxies that the environment names.
import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import type { Environment } from './credentials.js';
import type { S3Limits } from './limits.js';

const CONNECTIONS = 64;

export function createDispatcher(environment: Environment, limits: S3Limits): Dispatcher {
  const httpProxy = environment.http_proxy ?? environment.HTTP_PROXY ?? '';
  const httpsProxy = environment.https_proxy ?? environment.HTTPS_PROXY ?? '';
  const options = {
    connections: CONNECTIONS,
    connect: { timeout: limits.connectMs },
    headersTimeout: limits.answerMs,
    bodyTimeout: limits.stallMs,
  };
  if (httpProxy === '' && httpsProxy === '') return new Agent(options);
  const noProxy = environment.no_proxy ?? environment.NO_PROXY ?? '';
  return new EnvHttpProxyAgent({ ...options, httpProxy, httpsProxy, noProxy });
}
