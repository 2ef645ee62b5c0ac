// Files and errors of FolderBackend.
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { localFailed, receiveFile, type Digested } from '../content/digest.js';
import { syncFile } from '../content/sync.js';
import { StoreError } from '../store-error.js';
import type { Attempt, ObjectContent } from './backend.js';

/** Creates a folder. @param isDurable - whether its name and those of its new parents are written through to the disk */
export async function makeFolder(folder: string, isDurable: boolean): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined || !isDurable) return;
  for (let created = folder; created.length >= first.length; created = dirname(created))
    await syncFile(dirname(created));
}

/** An error of the source is not one of this folder, which would count as read-only without permission. */
export async function receiveContent(
  content: ObjectContent,
  file: string,
  attempt: Attempt | undefined,
): Promise<Digested> {
  const failed: { error?: unknown } = {};
  const source = content.open().once('error', (error) => {
    failed.error = error;
  });
  try {
    return await receiveFile(source, file, attempt?.signal);
  } catch (error) {
    if (error instanceof StoreError || error !== failed.error) throw error;
    throw localFailed(file, error);
  }
}

export function storeErrorOf(subject: string, error: unknown): unknown {
  if (error instanceof StoreError || error instanceof RangeError) return error;
  if (!['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error))) return localFailed(subject, error);
  return new StoreError('STORE_FORBIDDEN', subject, (error as Error).message, { cause: error });
}

export function isAborted(attempt: Attempt | undefined): boolean {
  return attempt?.signal?.aborted === true;
}

export function aborted(subject: string, cause: unknown): StoreError {
  return new StoreError('STORE_UNREACHABLE', subject, 'the time limit was exceeded', { cause });
}

export function tooLarge(path: string, size: number, limit: number): StoreError {
  return new StoreError('STORE_ANSWER_INVALID', path, `it has ${size} bytes, expected at most ${limit}`);
}

export function contentDiffers(path: string, expected: Digested, found: Digested): StoreError {
  return new StoreError(
    'STORE_CONTENT_DIFFERS',
    path,
    `the content does not have the announced size and digest\n  expected ${expected.size} bytes, sha256=${expected.sha256}\n  found ${found.size} bytes, sha256=${found.sha256}`,
  );
}

/** A folder in place of an object is not an object either. */
export function absent(error: unknown): undefined {
  if (codeOf(error) !== 'EISDIR') undefinedIfAbsent(error);
  return undefined;
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(absent))?.isFile() ?? false;
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
