// Makes the SBOMs in an image: its base, and the closure of its application.
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import type { ImageRequest } from '@pinpack/rpm-packaging';
import { billOfApplication, billOfImage } from '@pinpack/rpm-packaging/sbom';
import { formatSboms, packagesOf } from '../sbom/make-sbom.js';
import { readDistributions } from '../sbom/read-distributions.js';
import { readLock } from '../workspace/read-lock.js';

/** @throws PinpackError `PINPACK_NOT_BUILT` */
export async function imageDescriber(
  root: string,
  { reqset: set, app }: { reqset: string; app: string },
): Promise<NonNullable<ImageRequest['describe']>> {
  const lock = readLock(root, set);
  const distributions = await readDistributions(root, set, packagesOf(lock, app));
  const application = billOfApplication({ set, lock, distributions }, app);
  return (base) => {
    const { cyclonedx, spdx } = formatSboms(billOfImage(application, base), DEFAULT_MTIME);
    return { 'sbom.cdx.json': cyclonedx, 'sbom.spdx.json': spdx };
  };
}
