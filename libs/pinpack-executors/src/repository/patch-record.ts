// Formats and parses the patch record: a file beside the patches that lists the patches of one RPM for `repo`. Pure.
import type { PublishedPatch } from '@pinpack/rpm-repo';

export interface PatchRecord {
  /** Of the RPM as published, signature included: the patches produce exactly this file. */
  sha256: string;
  /** Bytes of the RPM. */
  size: number;
  patches: PublishedPatch[];
}

export function formatPatchRecord(record: PatchRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** Undefined if the record is missing or of another format: then there are no patches until `delta` runs again. */
export function parsePatchRecord(text: string | undefined): PatchRecord | undefined {
  try {
    const { sha256, size, patches } = JSON.parse(text ?? '') as Partial<PatchRecord>;
    const isRecord = typeof sha256 === 'string' && typeof size === 'number' && Array.isArray(patches);
    return isRecord ? { sha256, size, patches } : undefined;
  } catch {
    return undefined;
  }
}

/** The record's file, in the folder of patches. @param name - of the RPM */
export function patchRecordFile(name: string): string {
  return `${name}.json`;
}
