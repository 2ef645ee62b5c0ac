// Finds the wheels that RPMs are packed from. The lock determines a locked wheel, so no task has to fetch it before; a built wheel is in dist/wheels.
import { join } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import { isWheelOf, readLockedFile, type OnBytes, type Pin, type WheelFile } from '@pinpack/python-dist';
import { wheelProject } from '@pinpack/rpm-packaging';
import { PinpackError } from '../pinpack-error.js';
import { listFolder } from '../workspace/files.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import type { WheelFetcher } from './fetch-wheel.js';

export interface PinWheel {
  fileName: string;
  sha256: string;
  /**
   * The path of the wheel, verified by its digest. Its name may be another one.
   *
   * @throws DistError `DIST_INDEX_*`, `DIST_FILE_*`
   */
  open(onBytes?: OnBytes): Promise<string>;
}

export class PinWheels {
  constructor(
    private readonly root: string,
    private readonly fetcher: WheelFetcher,
  ) {}

  /** @throws PinpackError `PINPACK_WHEEL_MISSING` if it has to be built first */
  async find(reqset: string, pin: Pin): Promise<PinWheel> {
    const { source } = pin;
    const folder = join(this.root, reqsetPaths(reqset).wheels);
    switch (source.kind) {
      case 'wheel':
        return named(source.wheel, (onBytes) => this.open(pin.name, source.wheel, folder, onBytes));
      case 'prebuilt':
        return named(source.wheel, async () => {
          await readLockedFile(this.root, { path: source.path, sha256: source.wheel.sha256 });
          return join(this.root, source.path);
        });
      default: {
        const fileName = await builtWheel(folder, reqset, pin);
        const path = join(folder, fileName);
        return { fileName, sha256: await sha256OfFile(path), open: () => Promise.resolve(path) };
      }
    }
  }

  /** From dist/wheels if the target `wheel` has put it there, else from the store or the index. */
  private async open(name: string, wheel: WheelFile, folder: string, onBytes?: OnBytes): Promise<string> {
    const path = join(folder, wheel.name);
    if ((await sha256OfFile(path).catch(undefinedIfAbsent)) === wheel.sha256) return path;
    return this.fetcher.open(name, wheel, path, onBytes);
  }
}

function named({ name, sha256 }: WheelFile, open: PinWheel['open']): PinWheel {
  return { fileName: name, sha256, open };
}

async function builtWheel(folder: string, reqset: string, pin: Pin): Promise<string> {
  // If Nx restored the wheel from its cache, a wheel of another version may be in the folder too.
  const found = (await listFolder(folder)).filter((name) => isWheelOf(name, pin));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new PinpackError('PINPACK_WHEEL_MISSING', wheelProject(reqset, pin.name), [
    `found ${found.length} wheels of the pin in ${reqsetPaths(reqset).wheels}, expected one`,
    `Build it: nx run ${wheelProject(reqset, pin.name)}:wheel --skip-nx-cache`,
  ]);
}
