// A delta that another run made of the same two RPMs: from the store, proven there already. What doesn't pay is known there too.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyFileAtomically } from '@pinpack/common/atomic-file';
import { type Store } from '@pinpack/build-store';
import { DELTA_ARGUMENTS, type Delta, type Refusal } from '@pinpack/rpm-repo';

/** The attachment that tells what the delta is, or why there is none. */
const ATTACHMENT = 'delta';

export interface DeltaInputs {
  /** sha256 of both RPMs as they are released, in hex. */
  before: string;
  after: string;
  share: number;
  /** Digest of deltarpm's program. */
  program: string;
}

/** Nothing else has a part in a delta's bytes, or in whether it's kept. */
export function deltaKey({ before, after, share, program }: DeltaInputs): string {
  const facts = JSON.stringify([before, after, share, program, DELTA_ARGUMENTS]);
  return createHash('sha256').update(`pinpack delta 1\n${facts}`).digest('hex');
}

type Told = Omit<Delta, 'path'> | Refusal;

/** @param path - where the delta is put. @returns undefined where it has to be made */
export async function restoreDelta(store: Store | undefined, key: string, path: string): Promise<Told | undefined> {
  const hit = await store?.get('rpm', key);
  if (hit === undefined) return undefined;
  try {
    const told = parseTold(hit.record.attachments[ATTACHMENT]);
    if (told === undefined || 'refused' in told) return told;
    if (told.sha256 !== hit.record.sha256) return undefined;
    await copyFileAtomically(hit.path, path);
    return told;
  } finally {
    await hit.release();
  }
}

/** @param name - of the delta's file. @param work - a folder of the task's own */
export async function keepDelta(
  store: Store | undefined,
  key: string,
  made: Delta | Refusal,
  { name, work }: { name: string; work: string },
): Promise<void> {
  const isRefused = 'refused' in made;
  // An entry needs content.
  const path = isRefused ? join(work, 'refused') : made.path;
  if (isRefused) await writeFile(path, `${made.refused}\n`);
  const attachments = { [ATTACHMENT]: JSON.stringify({ ...made, path: undefined }) };
  await store?.put({ kind: 'rpm', key, fileName: name, attachments }, path);
}

function parseTold(text: string | undefined): Told | undefined {
  try {
    const told = JSON.parse(text ?? '') as Partial<Delta & Refusal>;
    if (typeof told.refused === 'string') return { refused: told.refused };
    const { size, sha256, sequence } = told;
    if (typeof size !== 'number' || typeof sha256 !== 'string' || typeof sequence !== 'string') return undefined;
    return { size, sha256, sequence };
  } catch {
    return undefined;
  }
}
