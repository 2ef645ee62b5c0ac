// Reads a publication: its releases, their files, and the pointer to the latest of each label.
import type { Attempt } from '@pinpack/build-store/object-storage';
import {
  isLabel,
  isReleaseId,
  parsePointer,
  pointerPath,
  RELEASE_FILE,
  releasePath,
  releasesPath,
} from './publication-paths.js';
import { parseRelease, type Release } from './publication-record.js';
import type { PublicationTarget } from './publication-target.js';

export interface ReleaseFacts {
  id: string;
  isLatest: boolean;
}

/** A release.json of some hundred thousand files. */
const RELEASE_LIMIT = 64 << 20;
const POINTER_LIMIT = 64 * 1024;

/** Every method throws what PublicationTarget's do, and RangeError for an invalid label, id or path. */
export class PublicationReader {
  constructor(protected readonly place: PublicationTarget) {}

  /** For people, without secrets: `s3://bucket/prefix`, `/srv/published`. */
  get location(): string {
    return this.place.label;
  }

  /** The complete releases, newest first. */
  async releases(label: string): Promise<ReleaseFacts[]> {
    const latest = await this.latest(label);
    const ids = await this.ids(label);
    const isWhole = await Promise.all(ids.map((id) => this.isComplete(label, id)));
    return ids.filter((_, index) => isWhole[index] === true).map((id) => ({ id, isLatest: id === latest }));
  }

  /** The id of the release that readers are sent to; undefined where nothing is published. */
  async latest(label: string): Promise<string | undefined> {
    const found = await this.place.read(pointerPath(checked(label)), POINTER_LIMIT);
    return found && parsePointer(found.bytes);
  }

  /** What a release consists of; undefined where there is no such complete release. */
  async release(label: string, id: string): Promise<Release | undefined> {
    const bytes = await this.readFile(label, id, RELEASE_FILE, RELEASE_LIMIT);
    return bytes && parseRelease(`${this.place.label}/${releasePath(label, id, RELEASE_FILE)}`, bytes);
  }

  /** A file of a release, whole; undefined where there is none. One of more than `limit` bytes is `STORE_ANSWER_INVALID`. */
  async readFile(
    label: string,
    id: string,
    path: string,
    limit: number,
    attempt?: Attempt,
  ): Promise<Uint8Array | undefined> {
    return (await this.place.read(releasePath(checked(label), checkedId(id), path), limit, attempt))?.bytes;
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
    return this.place.download(releasePath(checked(label), checkedId(id), path), file, attempt);
  }

  /** Whether a release is all there, so that readers may be sent to it. */
  async isComplete(label: string, id: string): Promise<boolean> {
    return this.place.isThere(releasePath(checked(label), checkedId(id), RELEASE_FILE));
  }

  /** Of all releases, also incomplete ones, newest first. */
  async ids(label: string): Promise<string[]> {
    return (await this.place.names(releasesPath(checked(label)))).filter(isReleaseId).sort().reverse();
  }
}

export function checked(label: string): string {
  if (!isLabel(label)) throw new RangeError(`${label} is no label`);
  return label;
}

export function checkedId(id: string): string {
  if (!isReleaseId(id)) throw new RangeError(`${id} is no id of a release`);
  return id;
}
