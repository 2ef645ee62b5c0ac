// Restores what the target `delta` made from the store, and keeps it there. The store also records refusals, so that uneconomical files are not computed again.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { copyFileAtomically } from '@pinpack/common/atomic-file';
import { type Store } from '@pinpack/build-store';
import { type Refusal } from '@pinpack/rpm-repo';

/** How facts of one kind are recorded. */
export interface ResultKind<Facts> {
  /** The attachment with the facts of the file, or the reason of its refusal. */
  attachment: string;
  /** @returns undefined if the record is not complete */
  parse: (recorded: Partial<Facts>) => Facts | undefined;
}

/** @param path - the destination. @returns undefined if the file has to be made */
export async function restoreResult<Facts extends { sha256: string }>(
  store: Store | undefined,
  { attachment, parse }: ResultKind<Facts>,
  { key, path }: { key: string; path: string },
): Promise<Facts | Refusal | undefined> {
  const hit = await store?.get('rpm', key);
  if (hit === undefined) return undefined;
  try {
    const stored = readAttachment(hit.record.attachments[attachment]);
    if (stored === undefined) return undefined;
    if ('refused' in stored && typeof stored.refused === 'string') return { refused: stored.refused };
    const facts = parse(stored);
    if (facts?.sha256 !== hit.record.sha256) return undefined;
    await copyFileAtomically(hit.path, path);
    return facts;
  } finally {
    await hit.release();
  }
}

export interface KeptResult<Facts> {
  key: string;
  /** Of the file. */
  name: string;
  made: Facts | Refusal;
  /** Of the file; absent if it is refused. */
  path?: string;
  /** The task's temporary folder. */
  work: string;
}

export async function keepResult<Facts extends object>(
  store: Store | undefined,
  { attachment }: ResultKind<Facts>,
  { key, name, made, work, path = join(work, 'refused') }: KeptResult<Facts>,
): Promise<void> {
  // A store entry needs content.
  if ('refused' in made) await writeFile(path, `${made.refused}\n`);
  await store?.put({ kind: 'rpm', key, fileName: name, attachments: { [attachment]: JSON.stringify(made) } }, path);
}

function readAttachment(text: string | undefined): object | undefined {
  try {
    const recorded: unknown = JSON.parse(text ?? '');
    return typeof recorded === 'object' && recorded !== null ? recorded : undefined;
  } catch {
    return undefined;
  }
}
