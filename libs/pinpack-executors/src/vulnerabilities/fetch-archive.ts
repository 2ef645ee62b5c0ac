// Downloads an archive of vulnerabilities into the user's cache. Without a network, the copy of an earlier run serves, and its age is reported.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { sha256Of, sha256OfFile } from '@pinpack/common/digest';
import { parseJson } from '@pinpack/common/json';
import { redactUrls } from '@pinpack/common/redact';
import { z } from 'zod';
import { PinpackError } from '../pinpack-error.js';

export interface FetchedArchive {
  path: string;
  warnings: string[];
}

const COPY = z.object({ sha256: z.string(), etag: z.string().exactOptional(), fetched: z.string() });
type Copy = z.output<typeof COPY>;

const TIME_LIMIT_MS = 10 * 60_000;
const SIZE_LIMIT = 1 << 30;

/** @throws PinpackError `PINPACK_OSV_UNREADABLE` without a network and a copy */
export async function fetchArchive(url: string, cache: string): Promise<FetchedArchive> {
  const base = join(cache, 'osv', sha256Of(url));
  const [path, about] = [`${base}.zip`, `${base}.json`];
  const copy = await readCopy(path, about);
  try {
    const etag = await download(url, { path, copy });
    const sha256 = await sha256OfFile(path);
    const made: Copy = { sha256, ...(etag !== undefined && { etag }), fetched: new Date().toISOString() };
    await writeFileAtomically(about, [Buffer.from(JSON.stringify(made))]);
    return { path, warnings: [] };
  } catch (error) {
    const reason = redactUrls(reasonOf(error));
    if (copy !== undefined)
      return { path, warnings: [`${redactUrls(url)}: ${reason}; using the copy of ${copy.fetched.slice(0, 10)}`] };
    throw new PinpackError('PINPACK_OSV_UNREADABLE', redactUrls(url), [
      reason,
      'There is no copy of an earlier run either. Download the archive elsewhere, and name its file: PINPACK_OSV=/path/all.zip',
    ]);
  }
}

/** Undefined if there is none, or it was damaged since. */
async function readCopy(path: string, about: string): Promise<Copy | undefined> {
  const copy = parseJson(await readFile(about, 'utf8').catch(() => ''), COPY);
  const sha256 = await sha256OfFile(path).catch(() => undefined);
  return sha256 !== undefined && copy?.sha256 === sha256 ? copy : undefined;
}

/** @returns the ETag */
async function download(
  url: string,
  { path, copy }: { path: string; copy: Copy | undefined },
): Promise<string | undefined> {
  const { EnvHttpProxyAgent, fetch } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent();
  try {
    const headers = { ...(copy?.etag !== undefined && { 'if-none-match': copy.etag }), 'user-agent': 'pinpack' };
    const response = await fetch(url, { headers, dispatcher, signal: AbortSignal.timeout(TIME_LIMIT_MS) });
    if (response.status === 304) return copy?.etag;
    if (response.status !== 200 || response.body === null) throw new Error(`answered with status ${response.status}`);
    await writeFileAtomically(path, limited(Readable.fromWeb(response.body)));
    return response.headers.get('etag') ?? undefined;
  } finally {
    await dispatcher.close().catch(() => undefined);
  }
}

async function* limited(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > SIZE_LIMIT) throw new Error(`sent more than ${SIZE_LIMIT >> 20} MiB`);
    yield piece;
  }
}

/** fetch hides the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
