// Makes the wheel RPM of a pin in dist/rpms: restores it from the store or packs the wheel.
import { basename, join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { digest } from '@pinpack/common/digest';
import { pruneOthers } from '@pinpack/common/prune-others';
import { isWheelOf, type Pin } from '@pinpack/python-dist';
import { packWheelRpm, repairWarning, rpmPattern, wheelProject } from '@pinpack/rpm-packaging';
import { PinpackError } from '../pinpack-error.js';
import { listFolder } from '../workspace/files.js';
import { canonicalFactsFile, reqsetPaths, rpmDigestFile } from '../workspace/workspace-paths.js';
import { writeRpmDigest } from './rpm-digest.js';
import type { RpmRequest } from './rpm-request.js';
import type { Output } from '../tasks/restore-output.js';
import { warn } from '../tasks/warn.js';
import { keepRpm, restoreRpm, rpmKeyOf } from './stored-wheel-rpm.js';

/** @throws DistError, RpmError, PackagingError, PinpackError */
export async function makeWheelRpm(request: RpmRequest): Promise<Output> {
  const { root, reqset, pin } = request;
  const wheels = join(root, reqsetPaths(reqset).wheels);
  const wheel = join(wheels, await wheelFileName(wheels, reqset, pin));
  const key = await rpmKeyOf(request, wheel);
  const restored = await restoreRpm(request, key);
  if (restored !== undefined) return restored;
  const { fileName, chunks, size, facts, recordIssues } = await packWheelRpm({ ...request, wheel });
  const warning = recordIssues.length === 0 ? undefined : repairWarning(basename(wheel), recordIssues);
  if (warning !== undefined) warn(warning);
  const folder = join(root, reqsetPaths(reqset).rpms);
  const path = join(folder, fileName);
  await writeFileAtomically(path, chunks);
  const sha256 = digest('sha256', ...chunks).toString('hex');
  await writeRpmDigest(root, rpmDigestFile(reqset, wheelProject(reqset, pin.name)), { file: fileName, sha256 });
  await keepRpm(request, key, path, { facts, warning });
  await writeFileAtomically(join(root, canonicalFactsFile(reqset, pin.name)), [Buffer.from(facts)]);
  await pruneOthers(folder, fileName, rpmPattern(wheelProject(reqset, pin.name)));
  return { path, size, isRestored: false };
}

async function wheelFileName(folder: string, reqset: string, pin: Pin): Promise<string> {
  if (pin.source.kind === 'wheel' || pin.source.kind === 'prebuilt') return pin.source.wheel.name;
  // If Nx restored the wheel from its cache, a wheel of another version may be in the folder too.
  const found = (await listFolder(folder)).filter((name) => isWheelOf(name, pin));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new PinpackError('PINPACK_WHEEL_MISSING', wheelProject(reqset, pin.name), [
    `found ${found.length} wheels of the pin in ${reqsetPaths(reqset).wheels}, expected one`,
    `Build it: nx run ${wheelProject(reqset, pin.name)}:wheel --skip-nx-cache`,
  ]);
}
