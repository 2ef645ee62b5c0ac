// What `delta` of an RPM made: a small file beside the deltas, from which `repo` takes them. Pure.
import type { PublishedDelta } from '@pinpack/rpm-repo';

export interface DeltaRecord {
  /** Of the RPM as it is released: deltas make no other. */
  sha256: string;
  deltas: PublishedDelta[];
}

export function formatDeltaRecord(record: DeltaRecord): string {
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

/** Empty where there is none, or one of another version of pinpack: then there are no deltas until `delta` runs again. */
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
