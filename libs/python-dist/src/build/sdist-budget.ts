// Limits the size of an unpacked sdist: by the sizes that its entries declare, before anything is written, and by what is really inflated.
import { distError, type DistError } from '../dist-error.js';
import { toBytes, type BuildLimits } from './build-policy.js';

export type SdistLimits = Pick<BuildLimits, 'sdistMiB' | 'sdistRatio' | 'sdistEntries'>;

/** Small archives may have any ratio: a tar file is padded. */
const FREE_BYTES = 64 * 1024 * 1024;

export class SdistBudget {
  #declared = 0;
  #inflated = 0;
  #entries = 0;

  /** @param size - of the archive in bytes */
  constructor(
    private readonly name: string,
    private readonly size: number,
    private readonly limits: SdistLimits,
  ) {}

  /** Counts entries, and the folders that they imply. @throws DistError `DIST_SOURCE_SDIST_TOO_LARGE` */
  declare(entries: number, bytes: number): void {
    this.#entries += entries;
    this.#declared += bytes;
    if (this.#entries > this.limits.sdistEntries)
      throw this.#tooLarge('sdistEntries', `has more than ${this.limits.sdistEntries} entries`);
    this.#check(this.#declared, 'its entries declare');
  }

  /** @throws DistError `DIST_SOURCE_SDIST_TOO_LARGE` */
  inflate(bytes: number): void {
    this.#inflated += bytes;
    this.#check(this.#inflated, 'it inflates to');
  }

  #check(bytes: number, found: string): void {
    const { sdistMiB, sdistRatio } = this.limits;
    if (bytes > toBytes(sdistMiB)) throw this.#tooLarge('sdistMiB', `${found} more than ${sdistMiB} MiB`);
    if (bytes > FREE_BYTES && bytes > sdistRatio * this.size)
      throw this.#tooLarge('sdistRatio', `${found} more than ${sdistRatio} times the ${this.size} bytes of the file`);
  }

  #tooLarge(limit: keyof SdistLimits, found: string): DistError {
    return distError(this.name, 'DIST_SOURCE_SDIST_TOO_LARGE', [
      `is not unpacked: ${found}`,
      `Find out whether this source is meant to be so large. If it is, raise builds.${limit} in the options of the plugin pinpack in nx.json.`,
    ]);
  }
}
