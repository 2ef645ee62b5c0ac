// The response of an index: decompression, errors of the connection, and the limits on time and size while the body is read.
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { distError, type DistError } from '../dist-error.js';
import { redact } from './redact.js';
import type { RequestWatch } from './request-watch.js';

/** A response whose body has not been read. Read `chunks` to the end, or call `close`. */
export interface IndexResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The URL after redirects. */
  url: string;
  /** @throws DistError `DIST_INDEX_UNREACHABLE`, `DIST_INDEX_TOO_SLOW`, `DIST_INDEX_TOO_LARGE` */
  chunks: () => AsyncGenerator<Buffer, void, undefined>;
  close: () => void;
}

interface Described {
  url: string;
  decompress: boolean;
  isHead: boolean;
  stallMs: number;
}

export function describeResponse(
  { statusCode, headers, body, context }: Dispatcher.ResponseData,
  watch: RequestWatch,
  { url, decompress, isHead, stallMs }: Described,
): IndexResponse {
  const close = (): void => {
    watch.stop();
    body.on('error', () => undefined).destroy();
  };
  try {
    watch.begin(isHead ? undefined : headers['content-length']);
    const decoder = decompress ? decoderOf(url, headers['content-encoding']) : undefined;
    return {
      status: statusCode,
      headers,
      url: lastUrl(context) ?? url,
      close,
      chunks: () => readChunks({ url, watch, body, decoder, close, stallMs }),
    };
  } catch (error) {
    close();
    throw error;
  }
}

interface Reading {
  url: string;
  watch: RequestWatch;
  body: Readable;
  decoder: NodeJS.ReadWriteStream | undefined;
  close: () => void;
  stallMs: number;
}

async function* readChunks({
  url,
  watch,
  body,
  decoder,
  close,
  stallMs,
}: Reading): AsyncGenerator<Buffer, void, undefined> {
  let total = 0;
  try {
    const counted = countReceived(body, watch);
    const pieces =
      decoder === undefined ? counted : (pipeline(counted, decoder, () => undefined) as AsyncIterable<Buffer>);
    for await (const piece of pieces) {
      total += piece.length;
      if (decoder !== undefined) watch.decompressed(total);
      yield piece;
    }
  } catch (cause) {
    throw watch.error ?? connectionLost(url, cause, stallMs);
  } finally {
    close();
  }
}

async function* countReceived(body: Readable, watch: RequestWatch): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of body as AsyncIterable<Buffer>) {
    watch.received(piece.length);
    yield piece;
  }
}

function decoderOf(url: string, encoding: string | string[] | undefined): NodeJS.ReadWriteStream | undefined {
  const name = String(encoding ?? 'identity')
    .trim()
    .toLowerCase();
  switch (name) {
    case 'identity':
    case '':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      throw unreachable(url, `answered with the content encoding ${JSON.stringify(name)}, expected gzip, br or none`);
  }
}

/** The URL after redirects: the base of the page's relative URLs. */
function lastUrl(context: unknown): string | undefined {
  return (context as { history?: URL[] } | undefined)?.history?.at(-1)?.href;
}

function connectionLost(url: string, cause: unknown, stallMs: number): DistError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'UND_ERR_BODY_TIMEOUT') return unreachable(url, `sent no more data for ${stallMs / 1000} s`, cause);
  const isDecoding = /^(?:Z_|ERR_(?:_|BROTLI))/.test(code);
  const found = isDecoding
    ? 'the compressed response is damaged'
    : 'the connection was closed before the end of the response';
  return unreachable(url, found, cause);
}

export function unreachable(url: string, found: string, cause?: unknown): DistError {
  const shown = redact(url);
  const next =
    'Check the network, the proxy (HTTPS_PROXY) and the index that pip or uv is configured with, then run again.';
  return distError(shown, 'DIST_INDEX_UNREACHABLE', [found, next], { cause });
}
