// Restores deltas from the store and keeps them there. The store also records refusals, so that uneconomical deltas are not computed again.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyFileAtomically } from '@pinpack/common/atomic-file';
import { type Store } from '@pinpack/build-store';
import { DELTA_ARGUMENTS, type Delta, type Refusal } from '@pinpack/rpm-repo';

/** The attachment with the facts of the delta, or the reason of its refusal. */
const ATTACHMENT = 'delta';

export interface DeltaInputs {
  /** sha256 of both RPMs as published, in hex. */
  before: string;
  after: string;
  share: number;
  /** Digest of deltarpm's program. */
  program: string;
}

/** Nothing else affects the bytes of a delta or its refusal. */
export function deltaKey({ before, after, share, program }: DeltaInputs): string {
  const facts = JSON.stringify([before, after, share, program, DELTA_ARGUMENTS]);
  return createHash('sha256').update(`pinpack delta 1\n${facts}`).digest('hex');
}

type StoredResult = Omit<Delta, 'path'> | Refusal;

/** @param path - the destination. @returns undefined if the delta has to be made */
export async function restoreDelta(
  store: Store | undefined,
  key: string,
  path: string,
): Promise<StoredResult | undefined> {
  const hit = await store?.get('rpm', key);
  if (hit === undefined) return undefined;
  try {
    const stored = parseResult(hit.record.attachments[ATTACHMENT]);
    if (stored === undefined || 'refused' in stored) return stored;
    if (stored.sha256 !== hit.record.sha256) return undefined;
    await copyFileAtomically(hit.path, path);
    return stored;
  } finally {
    await hit.release();
  }
}

/** @param name - of the delta's file. @param work - the task's temporary folder */
export async function keepDelta(
  store: Store | undefined,
  key: string,
  made: Delta | Refusal,
  { name, work }: { name: string; work: string },
): Promise<void> {
  const isRefused = 'refused' in made;
  // A store entry needs content.
  const path = isRefused ? join(work, 'refused') : made.path;
  if (isRefused) await writeFile(path, `${made.refused}\n`);
  const attachments = { [ATTACHMENT]: JSON.stringify({ ...made, path: undefined }) };
  await store?.put({ kind: 'rpm', key, fileName: name, attachments }, path);
}

function parseResult(text: string | undefined): StoredResult | undefined {
  try {
    const result = JSON.parse(text ?? '') as Partial<Delta & Refusal>;
    if (typeof result.refused === 'string') return { refused: result.refused };
    const { size, sha256, sequence } = result;
    if (typeof size !== 'number' || typeof sha256 !== 'string' || typeof sequence !== 'string') return undefined;
    return { size, sha256, sequence };
  } catch {
    return undefined;
  }
}
