// Classifies S3's error responses and the errors of a connection ("Error responses" of the Amazon S3 API reference).
import type { S3ServiceException } from '@aws-sdk/client-s3';
import { StoreError, type StoreErrorCode } from '../../store-error.js';
import { parseDocument, textOf } from './xml.js';

export interface ErrorResponse {
  status: number;
  /** Code of the error document, such as `NoSuchKey`; undefined without a document. */
  code?: string | undefined;
  /** Region of the bucket, if S3 reports it. */
  region?: string | undefined;
  /** Time of the server's clock. */
  date?: Date | undefined;
  /** IAM permission that the request needs, such as `s3:PutObject`. */
  permission?: string | undefined;
}

export class S3ResponseError extends Error implements ErrorResponse {
  override readonly name = 'S3ResponseError';
  readonly status: number;
  readonly code: string | undefined;
  readonly region: string | undefined;
  readonly date: Date | undefined;
  readonly permission: string | undefined;

  constructor({ status, code, region, date, permission }: ErrorResponse, options?: ErrorOptions) {
    super(code === undefined ? `${status}` : `${status} ${code}`, options);
    this.status = status;
    this.code = code;
    this.region = region;
    this.date = date;
    this.permission = permission;
  }
}

type Headers = Record<string, string | string[] | undefined>;

/**
 * @param document - body of the response: an XML error document, or anything else from a server or proxy that isn't S3
 * @param permission - IAM permission that the request needs
 */
export function parseErrorResponse(
  status: number,
  headers: Headers,
  document: string,
  permission?: string,
): S3ResponseError {
  return new S3ResponseError({ status, code: parseErrorCode(document), ...parseHeaders(headers), permission });
}

/** Converts an error of the AWS SDK that has an HTTP response; other errors are returned as they are. */
export function responseErrorOf(error: unknown, permission: string): unknown {
  if (!(error instanceof Error) || !('$metadata' in error)) return error;
  const { $metadata, $response } = error as Partial<S3ServiceException>;
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return error;
  const code = '$fault' in error && isCode(error.name) ? error.name : undefined;
  return new S3ResponseError({ status, code, ...parseHeaders($response?.headers ?? {}), permission }, { cause: error });
}

function parseErrorCode(document: string): string | undefined {
  const root = parseDocument(document);
  const code = root && textOf(root, 'Code');
  return code !== undefined && isCode(code) ? code : undefined;
}

/** The code becomes part of messages. The SDK's own names for a response without a document are not codes of S3. */
function isCode(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,80}$/.test(text) && !SDK_PLACEHOLDERS.has(text);
}

function parseHeaders(headers: Headers): Pick<ErrorResponse, 'region' | 'date'> {
  const region = headerOf(headers, 'x-amz-bucket-region');
  const date = new Date(headerOf(headers, 'date') ?? '');
  return { region, date: Number.isNaN(date.getTime()) ? undefined : date };
}

/** Value of a header that occurs once. */
export function headerOf(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** The bucket exists and has no such object. */
export function isMissing(error: unknown): boolean {
  // A response to HEAD has no document, so it has no code.
  return isResponse(error, 404) && (error.code === 'NoSuchKey' || error.code === undefined);
}

/** The condition of a conditional write does not hold: another object was written first. */
export function isPreconditionFailed(error: unknown): boolean {
  return isResponse(error, 412);
}

/** The content doesn't match its digest: it was damaged in transit, or changed since the digest was computed. */
export function isChecksumMismatch(error: unknown): boolean {
  return error instanceof S3ResponseError && error.code !== undefined && CHECKSUM_MISMATCH.has(error.code);
}

export function isClockSkewed(error: unknown): error is S3ResponseError & { date: Date } {
  return error instanceof S3ResponseError && error.code === 'RequestTimeTooSkewed' && error.date !== undefined;
}

/** True for errors that an immediate retry may resolve: not for timeouts and refused connections. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof S3ResponseError)) return CONNECTION_LOST.has(codeOf(error));
  // After a clock skew error the next request is signed for the server's time.
  if (isChecksumMismatch(error) || isClockSkewed(error)) return true;
  return error.status === 409 || error.status === 429 || (error.status >= 500 && error.code !== 'NotImplemented');
}

function isResponse(error: unknown, status: number): error is S3ResponseError {
  return error instanceof S3ResponseError && error.status === status;
}

const SDK_PLACEHOLDERS = new Set(['Error', 'Unknown', 'UnknownError', 'NotFound']);
const CHECKSUM_MISMATCH = new Set([
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'XAmzContentChecksumMismatch',
  'InvalidDigest',
]);
const CONNECTION_LOST = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const CONNECTION_REFUSED: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be resolved',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
};
const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
  'TimeoutError',
]);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);
const UNKNOWN_CREDENTIALS = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'InvalidClientTokenId',
]);

/** @param label - name of the store in messages, without secrets */
export function storeErrorOf(label: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const [code, message] = error instanceof S3ResponseError ? responseMeaning(error) : connectionMeaning(error);
  return new StoreError(code, label, message, { cause: error });
}

function responseMeaning(error: S3ResponseError): [StoreErrorCode, string] {
  const { status, code = '', message, region } = error;
  if (EXPIRED.has(code)) return ['STORE_FORBIDDEN', `the credentials have expired (${message}). Get new ones`];
  if (UNKNOWN_CREDENTIALS.has(code)) return ['STORE_FORBIDDEN', `S3 does not accept the credentials (${message})`];
  if (region !== undefined && (status === 301 || status === 307 || status === 400)) {
    return ['STORE_ANSWER_INVALID', `${message}: the bucket is in ${region}. Add region=${region} to its URL`];
  }
  if (status === 401 || status === 403) return ['STORE_FORBIDDEN', forbidden(error)];
  if (isChecksumMismatch(error)) {
    return ['STORE_CONTENT_DIFFERS', `${message}: the content that S3 received has another digest`];
  }
  if (code === 'NoSuchBucket') return ['STORE_ANSWER_INVALID', `the bucket does not exist (${message})`];
  if (isTransient(error)) return ['STORE_UNREACHABLE', message];
  if (code === 'NotImplemented') {
    return [
      'STORE_ANSWER_INVALID',
      `${message}: the server must support conditional writes (If-None-Match), see docs/store-s3.md`,
    ];
  }
  return ['STORE_ANSWER_INVALID', `${message}\n  expected an S3 server with this bucket. Check the URL`];
}

function forbidden({ message, permission }: S3ResponseError): string {
  const hint =
    permission === 's3:GetObject'
      ? '. Without s3:ListBucket S3 answers 403 for missing objects too, see docs/store-s3.md'
      : '';
  return `${message}\n  expected credentials with the permission ${permission ?? 'for this request'}${hint}`;
}

function connectionMeaning(error: unknown): [StoreErrorCode, string] {
  const code = codeOf(error);
  if (CONNECTION_LOST.has(code)) return ['STORE_UNREACHABLE', `the connection was lost (${code})`];
  if (TIMEOUTS.has(code)) return ['STORE_UNREACHABLE', `no response in time (${code})`];
  if (code === 'HTTPParserError' || code.startsWith('HPE_'))
    return ['STORE_ANSWER_INVALID', `the response is not HTTP (${code})`];
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return ['STORE_CONTENT_DIFFERS', 'the content does not have the declared size'];
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return [
      'STORE_UNREACHABLE',
      `the server's certificate is not trusted (${code}). Set NODE_EXTRA_CA_CERTS to add certificate authorities`,
    ];
  }
  const meaning = CONNECTION_REFUSED[code];
  return ['STORE_UNREACHABLE', meaning === undefined ? code || 'the request failed' : `${meaning} (${code})`];
}

/** Stable name of an error, for messages: its own message may contain addresses and signatures. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'Error' ? '' : error.name;
}
