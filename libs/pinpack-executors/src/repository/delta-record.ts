// Formats and parses the delta record: a file beside the deltas that lists the deltas of one RPM for `repo`. Pure.
import type { PublishedDelta } from '@pinpack/rpm-repo';

export interface DeltaRecord {
  /** Of the RPM as published, signature included: the deltas produce exactly this file. */
  sha256: string;
  deltas: PublishedDelta[];
}

export function formatDeltaRecord(record: DeltaRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** Undefined if the record is missing or of another format: then there are no deltas until `delta` runs again. */
export function parseDeltaRecord(text: string | undefined): DeltaRecord | undefined {
  try {
    const { sha256, deltas } = JSON.parse(text ?? '') as Partial<DeltaRecord>;
    return typeof sha256 === 'string' && Array.isArray(deltas) ? { sha256, deltas } : undefined;
  } catch {
    return undefined;
  }
}

/** The record's file, in the folder of deltas. @param name - of the RPM */
export function deltaRecordFile(name: string): string {
  return `${name}.json`;
}
