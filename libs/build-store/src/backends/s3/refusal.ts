// What S3's answers and a connection's faults mean for a store ("Error responses" of the Amazon S3 API reference).
import { StoreError, type StoreErrorCode } from '../../store-error.js';

/** An answer that isn't the one hoped for. */
export class S3Refusal extends Error {
  override readonly name = 'S3Refusal';

  constructor(
    readonly status: number,
    /** Of the error document: `NoSuchKey`, `AccessDenied`; undefined where there is none. */
    readonly code: string | undefined,
    /** Of the bucket, where S3 tells it. */
    readonly region: string | undefined,
    /** The server's clock. */
    readonly date: Date | undefined,
    /** Of IAM, that the request needs: `s3:PutObject`. */
    readonly right?: string,
  ) {
    super(code === undefined ? `${status}` : `${status} ${code}`);
  }
}

type Headers = Record<string, string | string[] | undefined>;

/**
 * @param document - the body of the answer, XML by the book and anything by mistake
 * @param right - of IAM, that the request needs
 */
export function parseRefusal(status: number, headers: Headers, document: string, right?: string): S3Refusal {
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const code = /<Code>([A-Za-z0-9._-]{1,80})<\/Code>/.exec(document)?.[1];
  const date = new Date(text('date') ?? '');
  return new S3Refusal(
    status,
    code,
    text('x-amz-bucket-region'),
    Number.isNaN(date.getTime()) ? undefined : date,
    right,
  );
}

/** No such object, whatever else may be wrong. */
export function isMissing(error: unknown): boolean {
  // The answer to HEAD has no body, and thus no code.
  return error instanceof S3Refusal && error.status === 404 && (error.code === 'NoSuchKey' || error.code === undefined);
}

/** Another object came first. */
export function isTaken(error: unknown): boolean {
  return error instanceof S3Refusal && error.status === 412;
}

/** The content isn't what its digest says: damaged on its way, or changed since. */
export function isDamaged(error: unknown): boolean {
  return error instanceof S3Refusal && error.code !== undefined && DAMAGED.has(error.code);
}

export function isClockSkewed(error: unknown): error is S3Refusal & { date: Date } {
  return error instanceof S3Refusal && error.code === 'RequestTimeTooSkewed' && error.date !== undefined;
}

/** Worth another attempt at once. Not so what took its time to fail, and where nobody listens. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof S3Refusal)) return BROKEN_OFF.has(codeOf(error));
  // With a clock that is known to be wrong, the next request is signed for the right time.
  if (isDamaged(error) || isClockSkewed(error)) return true;
  return error.status === 409 || error.status === 429 || (error.status >= 500 && error.code !== 'NotImplemented');
}

const DAMAGED = new Set(['BadDigest', 'XAmzContentSHA256Mismatch', 'XAmzContentChecksumMismatch', 'InvalidDigest']);
const BROKEN_OFF = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const TOO_SLOW = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
  'TimeoutError',
]);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);
const NOT_KNOWN = new Set(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'InvalidClientTokenId']);

/** @param label - of the store, without secrets */
export function storeErrorOf(label: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const [code, message] = error instanceof S3Refusal ? refusalMeaning(error) : faultMeaning(error);
  return new StoreError(code, label, message, { cause: error });
}

function refusalMeaning(refusal: S3Refusal): [StoreErrorCode, string] {
  const { status, code = '', message, region } = refusal;
  if (EXPIRED.has(code)) return ['STORE_FORBIDDEN', `the credentials have expired (${message}). Get new ones`];
  if (NOT_KNOWN.has(code)) return ['STORE_FORBIDDEN', `the credentials are not known there (${message})`];
  if (region !== undefined && (status === 301 || status === 307 || status === 400)) {
    return ['STORE_ANSWER_INVALID', `${message}: the bucket is in ${region}. Add region=${region} to the store's URL`];
  }
  if (status === 401 || status === 403) return ['STORE_FORBIDDEN', forbidden(refusal)];
  if (isDamaged(refusal)) return ['STORE_CONTENT_DIFFERS', `${message}: what arrived there has another digest`];
  if (isPassing(refusal)) return ['STORE_UNREACHABLE', message];
  if (code === 'NotImplemented') {
    return [
      'STORE_ANSWER_INVALID',
      `${message}: it must know conditional writes (If-None-Match), see docs/store-s3.md`,
    ];
  }
  return ['STORE_ANSWER_INVALID', `${message}\n  expected an S3 server with this bucket. Is the store's URL right?`];
}

function forbidden({ message, right }: S3Refusal): string {
  const expected = `expected credentials with the right ${right ?? 'to do this'}`;
  const hint =
    right === 's3:GetObject'
      ? '. A role without s3:ListBucket hears the same of objects that are not there: see docs/store-s3.md'
      : '';
  return `${message}\n  ${expected}${hint}`;
}

function faultMeaning(error: unknown): [StoreErrorCode, string] {
  const code = codeOf(error);
  if (BROKEN_OFF.has(code)) return ['STORE_UNREACHABLE', `the connection broke off (${code})`];
  if (TOO_SLOW.has(code)) return ['STORE_UNREACHABLE', `no answer in time (${code})`];
  if (code === 'HTTPParserError' || code.startsWith('HPE_'))
    return ['STORE_ANSWER_INVALID', `its answer is not HTTP (${code})`];
  if (code === 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH') {
    return ['STORE_CONTENT_DIFFERS', 'the content has another size than was told'];
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return [
      'STORE_UNREACHABLE',
      `its certificate is not trusted (${code}). NODE_EXTRA_CA_CERTS names further authorities`,
    ];
  }
  return ['STORE_UNREACHABLE', code === '' ? 'the request failed' : code];
}

/** The stable name of a fault: its message may hold addresses and signatures. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name === 'Error' ? '' : error.name;
}
