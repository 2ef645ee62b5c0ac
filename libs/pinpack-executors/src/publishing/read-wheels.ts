// Reads the wheels of a set's lock from dist/wheels, with their METADATA, which installers can read without the wheel (PEP 658).
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { publishedBytes, publishedFile, type PublishedFile } from '@pinpack/publication';
import { NO_WHEEL_LIMITS, openWheel, type Lock, type LockedPackage, type Wheel } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { listFolder } from '../workspace/files.js';
import { findLockedWheel } from '../workspace/locked-wheel.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { setLabel } from '@pinpack/rpm-packaging';
import type { ListedWheel } from './wheel-list.js';

export interface PublishedWheel {
  listed: ListedWheel;
  /** The wheel and its METADATA, below `wheels/`. */
  files: PublishedFile[];
}

const CONCURRENCY = 8;

/** @throws PinpackError `PINPACK_NOT_BUILT` with every wheel of the lock that is missing or has another digest. @throws DistError for a damaged one */
export async function readWheels(root: string, set: string, { packages }: Lock): Promise<PublishedWheel[]> {
  const folder = join(root, reqsetPaths(set).wheels);
  const names = await listFolder(folder);
  const problems: string[] = [];
  const wheels: PublishedWheel[] = [];
  for (let from = 0; from < packages.length; from += CONCURRENCY) {
    const read = packages.slice(from, from + CONCURRENCY).map((locked) => readLocked(folder, names, locked));
    for (const one of await Promise.all(read)) {
      if ('problem' in one) problems.push(one.problem);
      else wheels.push(one);
    }
  }
  if (problems.length === 0) return wheels;
  throw new PinpackError('PINPACK_NOT_BUILT', reqsetPaths(set).wheels, [
    ...problems,
    `Make them: nx run ${setLabel(set)}:wheel`,
  ]);
}

async function readLocked(
  folder: string,
  names: readonly string[],
  locked: LockedPackage,
): Promise<PublishedWheel | { problem: string }> {
  const { name, version, source } = locked;
  const found = findLockedWheel(names, locked);
  if (found === undefined) return { problem: `the wheel of ${name} ${version} is missing` };
  const wheel = await readWheel(folder, found);
  const { sha256 } = wheel.listed;
  if (!('wheel' in source) || sha256 === source.wheel.sha256) return wheel;
  return { problem: `${found} has sha256=${sha256}, expected ${source.wheel.sha256} as in the lock` };
}

/** @param fileName - in the folder */
export async function readWheel(folder: string, fileName: string): Promise<PublishedWheel> {
  const file = await publishedFile(`wheels/${fileName}`, join(folder, fileName));
  const wheel = await openWheel(join(folder, fileName), NO_WHEEL_LIMITS);
  try {
    const metadata = await metadataOf(wheel);
    const { name, version } = wheel.identity;
    const { requiresPython } = wheel.metadata;
    const listed: ListedWheel = {
      ...{ name, version, fileName, size: file.size, sha256: file.sha256 },
      ...(requiresPython !== undefined && { requiresPython }),
      metadataSha256: createHash('sha256').update(metadata).digest('hex'),
    };
    return { listed, files: [file, publishedBytes(`wheels/${fileName}.metadata`, metadata)] };
  } finally {
    wheel.close();
  }
}

async function metadataOf(wheel: Wheel): Promise<Uint8Array> {
  const entry = wheel.entries.find(({ name }) => name === `${wheel.distInfo}/METADATA`);
  if (entry === undefined) throw new PinpackError('PINPACK_WHEEL_INVALID', wheel.fileName, 'contains no METADATA');
  return (await wheel.read(entry)).data;
}
