// Restores patches from the store and keeps them there. The store also records refusals, so that uneconomical patches are not computed again.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyFileAtomically } from '@pinpack/common/atomic-file';
import { type Store } from '@pinpack/build-store';
import { patchCodeDigest, type Patch, type Refusal } from '@pinpack/rpm-repo';

/** The attachment with the facts of the patch, or the reason of its refusal. */
const ATTACHMENT = 'patch';

export interface PatchInputs {
  /** sha256 of both RPMs as published, in hex. */
  before: string | undefined;
  after: string;
  instead: number;
  share: number;
}

/** Nothing else affects the bytes of a patch or its refusal. */
export function patchKey({ before, after, instead, share }: PatchInputs): string {
  const facts = JSON.stringify([before ?? '', after, instead, share, patchCodeDigest()]);
  return createHash('sha256').update(`pinpack patch 1\n${facts}`).digest('hex');
}

/** @param path - the destination. @returns undefined if the patch has to be made */
export async function restorePatch(
  store: Store | undefined,
  key: string,
  path: string,
): Promise<Patch | Refusal | undefined> {
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

/** @param work - the task's temporary folder, which contains the patch at `path` */
export async function keepPatch(
  store: Store | undefined,
  key: string,
  made: Patch | Refusal,
  { name, work, path }: { name: string; work: string; path: string },
): Promise<void> {
  const isRefused = 'refused' in made;
  // A store entry needs content.
  const content = isRefused ? join(work, 'refused') : path;
  if (isRefused) await writeFile(content, `${made.refused}\n`);
  const attachments = { [ATTACHMENT]: JSON.stringify(made) };
  await store?.put({ kind: 'rpm', key, fileName: name, attachments }, content);
}

function parseResult(text: string | undefined): Patch | Refusal | undefined {
  try {
    const result = JSON.parse(text ?? '') as Partial<Patch & Refusal>;
    if (typeof result.refused === 'string') return { refused: result.refused };
    const { size, sha256, rpm, unpacked, old } = result;
    if (typeof size !== 'number' || typeof unpacked !== 'number') return undefined;
    if (typeof sha256 !== 'string' || typeof rpm !== 'string') return undefined;
    return { size, sha256, rpm, unpacked, ...(old !== undefined && { old }) };
  } catch {
    return undefined;
  }
}
