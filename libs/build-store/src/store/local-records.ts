// The records of the user's local folder. Each one remembers how its entry was verified when it came in, with a message authentication code of the
// machine's key. A reader decides by its own settings: what another workspace believed, or this one before it had public keys, proves nothing.
import { parseJson } from '@pinpack/common/json';
import { z } from 'zod';
import type { MachineKey } from '../entry/machine-key.js';
import type { EntryRecord } from '../entry/record.js';
import { isSignedBy, signedFields } from '../entry/signature.js';
import type { Trust } from '../entry/trust.js';

/** A record of the local folder has it in addition to the fields of a store's record. */
interface Provenance {
  local: { origin: string; mac: string };
}

const PURPOSE = 'pinpack local entry 1';
const PROVENANCE = z.object({ local: z.object({ origin: z.string(), mac: z.string() }) });

export class LocalRecords {
  /** @param remote - identity of the remote store in front of which the folder is used; undefined without one */
  constructor(
    private readonly key: MachineKey,
    private readonly trust: Trust,
    private readonly remote: string | undefined,
  ) {}

  /** Adds how the entry was verified. */
  stamp(record: EntryRecord, from: 'built' | 'remote'): EntryRecord & Provenance {
    const origin = from === 'built' ? from : `remote ${this.remote ?? ''}`;
    return { ...record, local: { origin, mac: this.key.macOf(PURPOSE, fieldsOf(record, origin)) } };
  }

  /**
   * Whether this reader believes a record: it is signed by one of the reader's keys, or was built on this machine, or, without keys, came from the
   * reader's own remote store.
   *
   * @param bytes - the record as it is in the folder
   */
  isBelieved = (record: EntryRecord, bytes: Uint8Array): boolean => {
    const { publicKeys } = this.trust;
    if (publicKeys.length > 0 && isSignedBy(record, publicKeys)) return true;
    const { origin, mac } = parseJson(Buffer.from(bytes).toString(), PROVENANCE)?.local ?? { origin: '', mac: '' };
    if (!this.key.isMacOf(mac, PURPOSE, fieldsOf(record, origin))) return false;
    if (origin === 'built') return true;
    return publicKeys.length === 0 && this.remote !== undefined && origin === `remote ${this.remote}`;
  };
}

function fieldsOf(record: EntryRecord, origin: string): [string, string][] {
  return [['origin', origin], ...signedFields(record)];
}
