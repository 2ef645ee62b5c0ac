// Reads publications: their records and files, and the pointer to the latest one of each label.
import type { Attempt } from '@pinpack/build-store/object-storage';
import {
  isLabel,
  isPublicationId,
  parsePointer,
  pointerPath,
  RECORD_FILE,
  publicationPath,
  publicationsPath,
} from './publication-paths.js';
import { parsePublicationRecord, type PublicationRecord } from './publication-record.js';
import type { PublicationTarget } from './publication-target.js';

export interface PublicationFacts {
  id: string;
  isLatest: boolean;
}

/** Fits a release.json with some hundred thousand files. */
const RECORD_LIMIT = 64 << 20;
const POINTER_LIMIT = 64 * 1024;

/** Every method throws what PublicationTarget's do, and RangeError for an invalid label, id or path. */
export class PublicationsReader {
  constructor(protected readonly target: PublicationTarget) {}

  /** For messages, without secrets: `s3://bucket/prefix`, `/srv/published`. */
  get location(): string {
    return this.target.location;
  }

  /** Lists the complete publications, newest first. */
  async list(label: string): Promise<PublicationFacts[]> {
    const latest = await this.latest(label);
    const ids = await this.ids(label);
    const areComplete = await Promise.all(ids.map((id) => this.isComplete(label, id)));
    return ids.filter((_, index) => areComplete[index] === true).map((id) => ({ id, isLatest: id === latest }));
  }

  /** ID of the latest publication; undefined if nothing is published. */
  async latest(label: string): Promise<string | undefined> {
    const found = await this.target.read(pointerPath(checked(label)), POINTER_LIMIT);
    return found && parsePointer(found.bytes);
  }

  /** Reads the record of a publication; undefined if there is no such complete publication. */
  async readRecord(label: string, id: string): Promise<PublicationRecord | undefined> {
    const bytes = await this.readFile(label, id, RECORD_FILE, RECORD_LIMIT);
    return bytes && parsePublicationRecord(`${this.target.location}/${publicationPath(label, id, RECORD_FILE)}`, bytes);
  }

  /** Reads a file of a publication; undefined if it does not exist. More than `limit` bytes are `STORE_ANSWER_INVALID`. */
  async readFile(
    label: string,
    id: string,
    path: string,
    limit: number,
    attempt?: Attempt,
  ): Promise<Uint8Array | undefined> {
    return (await this.target.read(publicationPath(checked(label), checkedId(id), path), limit, attempt))?.bytes;
  }

  /**
   * Downloads a file of a publication into a new file. The caller compares the digest.
   *
   * @param file - must not exist; the caller removes it if the call fails
   * @returns undefined, without a file, if the publication has no such file
   */
  async download(
    label: string,
    id: string,
    path: string,
    file: string,
    attempt?: Attempt,
  ): Promise<{ size: number; sha256: string } | undefined> {
    return this.target.download(publicationPath(checked(label), checkedId(id), path), file, attempt);
  }

  /** Tests whether all files of a publication exist, so that readers may be directed to it. */
  async isComplete(label: string, id: string): Promise<boolean> {
    return this.target.isThere(publicationPath(checked(label), checkedId(id), RECORD_FILE));
  }

  /** IDs of all publications, including incomplete ones, newest first. */
  async ids(label: string): Promise<string[]> {
    return (await this.target.names(publicationsPath(checked(label)))).filter(isPublicationId).sort().reverse();
  }
}

export function checked(label: string): string {
  if (!isLabel(label)) throw new RangeError(`${label} is not a valid label`);
  return label;
}

export function checkedId(id: string): string {
  if (!isPublicationId(id)) throw new RangeError(`${id} is not the ID of a publication`);
  return id;
}
