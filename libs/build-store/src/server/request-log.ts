// Logs one line of JSON per request with pino, without tokens, headers and queries.
import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './config.js';
import type { FinishedRequest } from './metrics.js';

export type { Logger } from 'pino';

export interface LoggedRequest extends FinishedRequest {
  id: string;
  path: string;
  client: string;
  /** `token:<name>` or `oidc:<host>:<subject>`; undefined without a valid token. */
  who: string | undefined;
  /** Reason of a refusal. */
  refused: string | undefined;
  /** The client disconnected, or the response was cut off. */
  isAborted: boolean;
}

/** @param destination - default: standard output */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return destination === undefined ? pino(options) : pino(options, destination);
}

export function logRequest(log: Logger, { seconds, isAborted, ...request }: LoggedRequest): void {
  const isProbe = ['health', 'ready', 'metrics'].includes(request.route);
  const entry = { ...request, ms: Math.round(seconds * 1000), ...(isAborted && { aborted: true }) };
  if (request.status >= 500) log.warn(entry, 'request');
  else if (isProbe) log.debug(entry, 'request');
  else log.info(entry, 'request');
}
