// Makes the wheel RPM of a pin in dist/rpms: restores it from the store or packs the wheel.
import { basename, join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { digest } from '@pinpack/common/digest';
import { pruneOthers } from '@pinpack/common/prune-others';
import { cacheFolder, rememberInstalled } from '@pinpack/python-dist';
import { packWheelRpm, repairWarning, rpmPattern, wheelProject, type WheelRpmRequest } from '@pinpack/rpm-packaging';
import { canonicalFactsFile, reqsetPaths, rpmDigestFile } from '../workspace/workspace-paths.js';
import { writeRpmDigest } from './rpm-digest.js';
import type { RpmRequest } from './rpm-request.js';
import { makeOnce } from '../tasks/make-once.js';
import type { Output } from '../tasks/restore-output.js';
import { warn } from '../tasks/warn.js';
import { keepRpm, restoreRpm, rpmKeyOf } from './stored-wheel-rpm.js';

/** @throws DistError, RpmError, PackagingError, PinpackError */
export async function makeWheelRpm(request: RpmRequest): Promise<Output> {
  const { reqset, pin, store, wheels, packing } = request;
  const wheel = await wheels.find(reqset, pin);
  const key = await rpmKeyOf(request, wheel);
  return makeOnce({
    ...{ store, kind: 'rpm', key },
    restore: () => restoreRpm(request, key),
    make: async () => {
      const path = await wheel.open();
      return packing(() => packAndKeep({ ...request, wheel: path, wheelName: wheel.fileName }, key));
    },
  });
}

async function packAndKeep(request: RpmRequest & WheelRpmRequest, key: string | undefined): Promise<Output> {
  const { root, reqset, pin } = request;
  const { fileName, chunks, size, facts, recordIssues } = await packWheelRpm(request);
  const warning =
    recordIssues.length === 0 ? undefined : repairWarning(request.wheelName ?? basename(request.wheel), recordIssues);
  if (warning !== undefined) warn(warning);
  await rememberFiles(request);
  const folder = join(root, reqsetPaths(reqset).rpms);
  const path = join(folder, fileName);
  await writeFileAtomically(path, chunks);
  const sha256 = digest('sha256', ...chunks).toString('hex');
  await writeRpmDigest(root, rpmDigestFile(reqset, wheelProject(reqset, pin.name)), { file: fileName, sha256 });
  await keepRpm(request, key, path, { facts, warning, content: { size, sha256 } });
  await writeFileAtomically(join(root, canonicalFactsFile(reqset, pin.name)), [Buffer.from(facts)]);
  await pruneOthers(folder, fileName, rpmPattern(wheelProject(reqset, pin.name)));
  return { path, size, isRestored: false };
}

/** For the RPMs of applications, which are checked for paths that several wheels install. Built wheels are in dist/wheels. */
async function rememberFiles({ pin, wheel: path }: WheelRpmRequest): Promise<void> {
  const { python, source } = pin;
  if (!('wheel' in source)) return;
  await rememberInstalled({ cache: cacheFolder(process.env), python, path, wheel: source.wheel });
}
