// Entries in one backend: content first, then the record that names it, both written once. What is read is checked before it's handed out.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Attempt, ObjectBackend, ObjectContent } from '../backends/backend.js';
import type { Digested } from '../content/digest.js';
import { encodeRecord, parseRecord, RECORD_LIMIT, type EntryFacts, type EntryRecord } from '../entry/record.js';
import { isSignedBy, signFacts } from '../entry/signature.js';
import type { Trust } from '../entry/trust.js';
import { contentPath, entryPath, readableNamespaces, type EntryKind, type Namespace } from '../names/object-keys.js';
import { StoreError } from '../store-error.js';

/** What a put is about; the rest of a record's facts are the store's. */
export type NewEntry = Pick<EntryFacts, 'kind' | 'key' | 'fileName' | 'attachments'> & Digested;

export class EntryStore {
  /** Where to look, in this order: a branch's own goes before what all read. */
  private readonly namespaces: readonly Namespace[];

  /** @param namespace - of what is written */
  constructor(
    readonly backend: ObjectBackend,
    readonly namespace: Namespace = 'main',
    private readonly trust: Trust = { publicKeys: [] },
  ) {
    this.namespaces = readableNamespaces(namespace);
  }

  /**
   * The record of a key, checked: it's about this key in the namespace where it lies, and signed if that is asked for.
   *
   * @param refuse - told of a record that isn't believed; the next namespace is then looked at
   * @throws StoreError of the backend
   */
  async findRecord(
    kind: EntryKind,
    key: string,
    refuse: (error: StoreError, path: string) => void | Promise<void>,
    attempt?: Attempt,
  ): Promise<EntryRecord | undefined> {
    for (const namespace of this.namespaces) {
      const path = entryPath(namespace, kind, key);
      const bytes = await this.backend.read(path, RECORD_LIMIT, attempt);
      if (bytes === undefined) continue;
      try {
        return this.checkRecord(parseRecord(bytes, `${this.backend.label}/${path}`), { namespace, kind, key });
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        await refuse(error, path);
      }
    }
    return undefined;
  }

  /**
   * Brings an entry's content into a new file and checks it.
   *
   * @param file - doesn't exist yet; not there either when the call fails or finds nothing
   * @throws StoreError `STORE_CONTENT_DIFFERS`, those of the backend, and for a record that isn't believed `STORE_ANSWER_INVALID` or
   * `STORE_SIGNATURE_INVALID`
   */
  async get(kind: EntryKind, key: string, file: string, attempt?: Attempt): Promise<EntryRecord | undefined> {
    let refused: StoreError | undefined;
    const refuse = (error: StoreError): void => void (refused ??= error);
    const record = await this.findRecord(kind, key, refuse, attempt);
    if (record === undefined && refused !== undefined) throw refused;
    if (record === undefined) return undefined;
    const content = await this.getContent(record.sha256, file, attempt, record.size);
    return content && record;
  }

  /**
   * Brings content by its digest into a new file and checks it. No signature is needed: the asker knows the digest.
   *
   * @param size - in bytes, where it's known
   * @returns undefined, and no file, where it isn't there
   * @throws StoreError `STORE_CONTENT_DIFFERS` and those of the backend
   */
  async getContent(sha256: string, file: string, attempt?: Attempt, size?: number): Promise<Digested | undefined> {
    let difference: StoreError | undefined;
    for (const namespace of this.namespaces) {
      const path = contentPath(namespace, sha256);
      const found = await this.download(path, file, attempt);
      if (found === undefined) continue;
      if (found.sha256 === sha256 && (size === undefined || size === found.size)) return found;
      difference ??= contentDiffers(`${this.backend.label}/${path}`, { sha256, size: size ?? found.size }, found);
      await removeFile(file);
    }
    if (difference !== undefined) throw difference;
    return undefined;
  }

  /**
   * Writes content and record, unless there is a record of this key.
   *
   * @param file - has the content
   * @throws StoreError of the backend; `STORE_CONTENT_DIFFERS` when the file isn't what the entry says
   */
  async put(entry: NewEntry, file: string, attempt?: Attempt): Promise<'created' | 'exists'> {
    await this.putContent(entry, file, attempt);
    return this.putRecord(this.recordOf(entry), attempt);
  }

  /** For content that is there already. */
  async putRecord(record: EntryRecord, attempt?: Attempt): Promise<'created' | 'exists'> {
    const path = entryPath(record.namespace, record.kind, record.key);
    return this.backend.create(path, contentOf(encodeRecord(record)), attempt);
  }

  /** @throws StoreError of the backend; `STORE_CONTENT_DIFFERS` when the file isn't what the digest says */
  async putContent(content: Digested, file: string, attempt?: Attempt): Promise<'created' | 'exists'> {
    const { size, sha256 } = content;
    return this.backend.create(
      contentPath(this.namespace, sha256),
      { size, sha256, open: () => createReadStream(file, { highWaterMark: 1 << 18 }) },
      attempt,
    );
  }

  /** The record that `put` writes: signed where there is a key to sign with. */
  recordOf({ kind, key, fileName, attachments, sha256, size }: NewEntry): EntryRecord {
    const created = new Date().toISOString();
    const facts = { kind, key, namespace: this.namespace, sha256, size, fileName, attachments, created };
    const { signingKey } = this.trust;
    return signingKey === undefined ? facts : { ...facts, signature: signFacts(facts, signingKey) };
  }

  /** @throws StoreError `STORE_ANSWER_INVALID` for one of another key or namespace, `STORE_SIGNATURE_INVALID` */
  checkRecord(record: EntryRecord, asked: Pick<EntryFacts, 'kind' | 'key' | 'namespace'>): EntryRecord {
    const subject = `${this.backend.label}/${entryPath(asked.namespace, asked.kind, asked.key)}`;
    if (record.kind !== asked.kind || record.key !== asked.key || record.namespace !== asked.namespace) {
      const found = `${record.namespace}, ${record.kind} ${record.key}`;
      throw new StoreError(
        'STORE_ANSWER_INVALID',
        subject,
        `the record of another entry, ${found}\n  It was copied. See what else was: pinpack-store verify`,
      );
    }
    if (this.trust.publicKeys.length === 0 || isSignedBy(record, this.trust.publicKeys)) return record;
    const { signature } = record;
    const found =
      signature === undefined ? 'it has no signature' : `its signature, of the key ${signature.keyId}, is not`;
    throw new StoreError(
      'STORE_SIGNATURE_INVALID',
      subject,
      `${found}${signature === undefined ? ', expected one' : ''} of a key in "publicKeys" of nx.json or PINPACK_STORE_PUBLIC_KEYS\n  See what else is: pinpack-store verify`,
    );
  }

  private async download(path: string, file: string, attempt?: Attempt): Promise<Digested | undefined> {
    try {
      return await this.backend.download(path, file, attempt);
    } catch (error) {
      await removeFile(file);
      throw error;
    }
  }
}

function contentOf(bytes: Uint8Array): ObjectContent {
  return {
    size: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    open: () => Readable.from([bytes]),
  };
}

function contentDiffers(subject: string, expected: Digested, found: Digested): StoreError {
  return new StoreError(
    'STORE_CONTENT_DIFFERS',
    subject,
    `the content is not what its name says\n  expected ${expected.size} bytes, sha256=${expected.sha256}\n  found ${found.size} bytes, sha256=${found.sha256}\n  Remove what is damaged: pinpack-store verify --repair`,
  );
}

async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true });
}
