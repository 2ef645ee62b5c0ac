// Reads and writes the entries of one backend: first the content, then the record that refers to it, both write-once. Entries are verified when read.
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { sha256Of } from '@pinpack/common/digest';
import { removeFile } from '../content/remove-file.js';
import type { Attempt, ObjectBackend, ObjectContent } from '../backends/backend.js';
import type { Digested } from '../content/digest.js';
import { encodeRecord, parseRecord, RECORD_LIMIT, type EntryFacts, type EntryRecord } from '../entry/record.js';
import { isSignedBy, signFacts } from '../entry/signature.js';
import type { Trust } from '../entry/trust.js';
import { contentPath, entryPath, readableNamespaces, type EntryKind, type Namespace } from '../names/object-keys.js';
import { StoreError } from '../store-error.js';
import { IN_MEMORY } from './store.js';

/** The facts that the caller of a put provides; the store adds the others. */
export type NewEntry = Pick<EntryFacts, 'kind' | 'key' | 'fileName' | 'attachments'> & Digested;

export class EntryStore {
  /** In lookup order. */
  private readonly namespaces: readonly Namespace[];

  /**
   * @param namespace - namespace of written entries
   * @param isBelieved - skips records silently, in addition to the check of signatures
   */
  constructor(
    readonly backend: ObjectBackend,
    readonly namespace: Namespace = 'main',
    private readonly trust: Trust = { publicKeys: [] },
    private readonly isBelieved: (record: EntryRecord, bytes: Uint8Array) => boolean = () => true,
  ) {
    this.namespaces = readableNamespaces(namespace);
  }

  /**
   * Finds the record of a key, and verifies that it belongs to this key and namespace and, with public keys, that it is signed.
   *
   * @param refuse - called for a rejected record, before the next namespace is searched
   * @throws StoreError of the backend
   */
  async findRecord(
    kind: EntryKind,
    key: string,
    refuse: (error: StoreError, path: string) => void | Promise<void>,
    attempt?: Attempt,
  ): Promise<EntryRecord | undefined> {
    for (const namespace of this.namespaces) {
      const record = await this.readRecord({ namespace, kind, key }, refuse, attempt);
      if (record !== undefined) return record;
    }
    return undefined;
  }

  /** Reads the record of one namespace, as `findRecord` does. */
  async readRecord(
    place: Pick<EntryFacts, 'kind' | 'key' | 'namespace'>,
    refuse: (error: StoreError, path: string) => void | Promise<void>,
    attempt?: Attempt,
  ): Promise<EntryRecord | undefined> {
    const path = entryPath(place.namespace, place.kind, place.key);
    const bytes = await this.backend.read(path, RECORD_LIMIT, attempt);
    if (bytes === undefined) return undefined;
    try {
      const record = this.checkRecord(parseRecord(bytes, `${this.backend.label}/${path}`), place);
      return this.isBelieved(record, bytes) ? record : undefined;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      await refuse(error, path);
      return undefined;
    }
  }

  /**
   * Downloads the content of an entry into a new file and verifies it.
   *
   * @param file - must not exist, and does not if the call fails or finds nothing
   * @throws StoreError `STORE_CONTENT_DIFFERS`, those of the backend, and for a rejected record `STORE_ANSWER_INVALID` or
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
   * Downloads content by its digest into a new file and verifies it. No signature is needed: the caller knows the digest.
   *
   * @param size - in bytes, if known
   * @returns undefined, without a file, if it does not exist
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

  /** Reads small content, as `getContent` does. */
  async readContent({ sha256, size }: Digested, attempt?: Attempt): Promise<Uint8Array | undefined> {
    let difference: StoreError | undefined;
    for (const namespace of this.namespaces) {
      const path = contentPath(namespace, sha256);
      const bytes = await this.backend.read(path, size, attempt);
      if (bytes === undefined) continue;
      const found = { size: bytes.length, sha256: sha256Of(bytes) };
      if (found.sha256 === sha256 && found.size === size) return bytes;
      difference ??= contentDiffers(`${this.backend.label}/${path}`, { sha256, size }, found);
    }
    if (difference !== undefined) throw difference;
    return undefined;
  }

  /**
   * Writes content and record, unless the key has a record.
   *
   * @param file - contains the content
   * @throws StoreError of the backend; `STORE_CONTENT_DIFFERS` if the file does not match the entry
   */
  async put(entry: NewEntry, file: string, attempt?: Attempt): Promise<'created' | 'exists'> {
    await this.putContent(entry, file, attempt);
    return this.putRecord(this.recordOf(entry), attempt);
  }

  /** Writes the record of existing content. */
  async putRecord(record: EntryRecord, attempt?: Attempt): Promise<'created' | 'exists'> {
    const path = entryPath(record.namespace, record.kind, record.key);
    return this.backend.create(path, contentOf(encodeRecord(record)), attempt);
  }

  /**
   * @param source - the path of a file with the content, or its bytes
   * @throws StoreError of the backend; `STORE_CONTENT_DIFFERS` if the source does not match the digest
   */
  async putContent(
    { size, sha256, isProbablyThere = false }: Digested & Pick<ObjectContent, 'isProbablyThere'>,
    source: string | Uint8Array,
    attempt?: Attempt,
  ): Promise<'created' | 'exists'> {
    const open = (): Readable =>
      typeof source === 'string'
        ? createReadStream(source, { highWaterMark: Math.min(size + 1, 1 << 18) })
        : Readable.from([source]);
    const read = async (): Promise<Uint8Array> => (typeof source === 'string' ? readFile(source) : source);
    const content = { size, sha256, isProbablyThere, open, ...(size <= IN_MEMORY && { read }) };
    return this.backend.create(contentPath(this.namespace, sha256), content, attempt);
  }

  /** Creates the record that `put` writes. It is signed if there is a signing key. */
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
        `the record of another entry, ${found}\n  It was copied. To find other ones, run: pinpack-store verify`,
      );
    }
    if (this.trust.publicKeys.length === 0 || isSignedBy(record, this.trust.publicKeys)) return record;
    const { signature } = record;
    const found =
      signature === undefined ? 'it has no signature' : `its signature, of the key ${signature.keyId}, is not`;
    throw new StoreError(
      'STORE_SIGNATURE_INVALID',
      subject,
      `${found}${signature === undefined ? ', expected one' : ''} of a key in "publicKeys" of nx.json or PINPACK_STORE_PUBLIC_KEYS\n  To find other ones, run: pinpack-store verify`,
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
    sha256: sha256Of(bytes),
    open: () => Readable.from([bytes]),
    read: () => Promise.resolve(bytes),
  };
}

function contentDiffers(subject: string, expected: Digested, found: Digested): StoreError {
  return new StoreError(
    'STORE_CONTENT_DIFFERS',
    subject,
    `the content does not match its digest\n  expected ${expected.size} bytes, sha256=${expected.sha256}\n  found ${found.size} bytes, sha256=${found.sha256}\n  To remove damaged objects, run: pinpack-store verify --repair`,
  );
}
