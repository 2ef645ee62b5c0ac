// Reads a publication: its releases, their files, and the pointer to the latest of each label.
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

/** A release.json of some hundred thousand files. */
const RECORD_LIMIT = 64 << 20;
const POINTER_LIMIT = 64 * 1024;

/** Every method throws what PublicationTarget's do, and RangeError for an invalid label, id or path. */
export class PublicationsReader {
  constructor(protected readonly target: PublicationTarget) {}

  /** For people, without secrets: `s3://bucket/prefix`, `/srv/published`. */
  get location(): string {
    return this.target.location;
  }

  /** The complete releases, newest first. */
  async list(label: string): Promise<PublicationFacts[]> {
    const latest = await this.latest(label);
    const ids = await this.ids(label);
    const isWhole = await Promise.all(ids.map((id) => this.isComplete(label, id)));
    return ids.filter((_, index) => isWhole[index] === true).map((id) => ({ id, isLatest: id === latest }));
  }

  /** The id of the release that readers are sent to; undefined where nothing is published. */
  async latest(label: string): Promise<string | undefined> {
    const found = await this.target.read(pointerPath(checked(label)), POINTER_LIMIT);
    return found && parsePointer(found.bytes);
  }

  /** What a release consists of; undefined where there is no such complete release. */
  async readRecord(label: string, id: string): Promise<PublicationRecord | undefined> {
    const bytes = await this.readFile(label, id, RECORD_FILE, RECORD_LIMIT);
    return bytes && parsePublicationRecord(`${this.target.location}/${publicationPath(label, id, RECORD_FILE)}`, bytes);
  }

  /** A file of a release, whole; undefined where there is none. One of more than `limit` bytes is `STORE_ANSWER_INVALID`. */
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
   * Writes a file of a release into a new file, and digests it on the way: to be compared by who asked.
   *
   * @param file - doesn't exist yet; left for the caller to remove when the call fails
   * @returns undefined, and no file, where the release has no such file
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

  /** Whether a release is all there, so that readers may be sent to it. */
  async isComplete(label: string, id: string): Promise<boolean> {
    return this.target.isThere(publicationPath(checked(label), checkedId(id), RECORD_FILE));
  }

  /** Of all releases, also incomplete ones, newest first. */
  async ids(label: string): Promise<string[]> {
    return (await this.target.names(publicationsPath(checked(label)))).filter(isPublicationId).sort().reverse();
  }
}

export function checked(label: string): string {
  if (!isLabel(label)) throw new RangeError(`${label} is no label`);
  return label;
}

export function checkedId(id: string): string {
  if (!isPublicationId(id)) throw new RangeError(`${id} is no id of a release`);
  return id;
}
