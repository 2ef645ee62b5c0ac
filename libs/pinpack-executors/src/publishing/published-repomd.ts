// Reads repomd.xml of a publication. Pure.
import { parseRepomd } from '@pinpack/rpm-repo';

export const REPOMD = 'repodata/repomd.xml';

/** undefined if the file is not one of createrepo_c. */
export function readRevision(repomd: Uint8Array): number | undefined {
  try {
    const { revision } = parseRepomd(Buffer.from(repomd).toString());
    return Number.isSafeInteger(revision) ? revision : undefined;
  } catch {
    return undefined;
  }
}
