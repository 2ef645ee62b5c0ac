// Packs the RPMs of a set again, from the wheels of the lock, and compares them with those that are about to be published. RPMs are reproducible, so one that was
// replaced together with its recorded digest, in dist or in a cache, differs.
import { join } from 'node:path';
import { digest } from '@pinpack/common/digest';
import { applicationsOf, isWheelOf, pinsOf, type Pin } from '@pinpack/python-dist';
import {
  applicationProject,
  packApplicationRpm,
  packRuntimeRpms,
  packWheelRpm,
  parseCanonicalFacts,
  wheelProject,
  type CanonicalFacts,
} from '@pinpack/rpm-packaging';
import pLimit from 'p-limit';
import { PinpackError } from '../pinpack-error.js';
import type { PublishableRpm } from '../repository/read-packages.js';
import { applicationInputs } from '../rpms/make-application-rpm.js';
import { listFolder } from '../workspace/files.js';
import { readApplicationRequest } from '../workspace/read-application.js';
import { readLock } from '../workspace/read-lock.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';

export interface ReproduceRequest {
  root: string;
  set: string;
  vendor: string;
  packages: readonly Pick<PublishableRpm, 'name' | 'file' | 'unsigned'>[];
}

/** The wheels in dist must have been compared with the lock. @throws PinpackError `PINPACK_RPM_DIFFERS` with every RPM that differs */
export async function reproduceRpms(request: ReproduceRequest): Promise<void> {
  const made = new Map([...(await packPins(request)), ...(await packRuntime(request))]);
  const differing = request.packages.filter(({ name, unsigned }) => made.get(name) !== unsigned);
  if (differing.length === 0) return;
  throw new PinpackError('PINPACK_RPM_DIFFERS', reqsetPaths(request.set).rpms, [
    'differs from the RPMs that the lock gives; nothing was published',
    ...differing.map(
      ({ name, file, unsigned }) =>
        `${file} has sha256 ${unsigned} without its signature, expected ${made.get(name) ?? 'no such RPM'}`,
    ),
    'Somebody replaced it in dist or in a cache, or another version of pinpack or Python made it. Remove dist, and build it again with --skip-nx-cache',
  ]);
}

type Packed = [name: string, sha256: string];

async function packPins({ root, set, vendor }: ReproduceRequest): Promise<Packed[]> {
  const inTurn = pLimit(1);
  const lock = readLock(root, set);
  const folder = join(root, reqsetPaths(set).wheels);
  const names = await listFolder(folder);
  const packed: Packed[] = [];
  const facts = new Map<string, CanonicalFacts>();
  for (const pin of pinsOf(lock)) {
    const name = wheelProject(set, pin.name);
    const made = await packWheelRpm({ reqset: set, pin, vendor, wheel: join(folder, wheelOf(names, pin)), inTurn });
    packed.push([name, sha256Of(made.chunks)]);
    facts.set(pin.name, parseCanonicalFacts(made.facts, name, name));
  }
  for (const { name } of applicationsOf(lock)) {
    const request = readApplicationRequest(root, set, name);
    const { chunks } = await packApplicationRpm(await applicationInputs({ root, request, vendor, facts }));
    packed.push([applicationProject(set, name), sha256Of(chunks)]);
  }
  return packed;
}

async function packRuntime({ vendor }: ReproduceRequest): Promise<Packed[]> {
  return (await packRuntimeRpms(vendor)).map(({ name, chunks }) => [name, sha256Of(chunks)]);
}

function wheelOf(names: readonly string[], pin: Pin): string {
  const { source } = pin;
  return 'wheel' in source ? source.wheel.name : (names.find((name) => isWheelOf(name, pin)) ?? `${pin.name}.whl`);
}

function sha256Of(chunks: readonly Uint8Array[]): string {
  return digest('sha256', ...chunks).toString('hex');
}
