// Patches in the store.
import { sha256Of } from '@pinpack/common/digest';
import { patchCodeDigest, type Patch } from '@pinpack/rpm-repo';
import type { ResultKind } from './stored-result.js';

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
  return sha256Of(`pinpack patch 1\n${facts}`);
}

export const PATCH: ResultKind<Patch> = {
  attachment: 'patch',
  parse: ({ size, sha256, rpm, unpacked, old }) => {
    if (typeof size !== 'number' || typeof unpacked !== 'number') return undefined;
    if (typeof sha256 !== 'string' || typeof rpm !== 'string') return undefined;
    return { size, sha256, rpm, unpacked, ...(old !== undefined && { old }) };
  },
};
