// Delta RPMs in the store.
import { sha256Of } from '@pinpack/common/digest';
import { DELTA_ARGUMENTS, type Delta } from '@pinpack/rpm-repo';
import type { ResultKind } from './stored-result.js';

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
  return sha256Of(`pinpack delta 1\n${facts}`);
}

export const DELTA: ResultKind<Omit<Delta, 'path'>> = {
  attachment: 'delta',
  parse: ({ size, sha256, sequence }) => {
    if (typeof size !== 'number' || typeof sha256 !== 'string' || typeof sequence !== 'string') return undefined;
    return { size, sha256, sequence };
  },
};
