// Reads what the workspace has built of a set: its wheels, and the sizes of its RPMs and deltas.
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { NO_WHEEL_LIMITS, openWheel, type LockedPackage } from '@pinpack/python-dist';
import { wheelProject } from '@pinpack/rpm-packaging';
import pLimit from 'p-limit';
import { deltaRecordFile, parseDeltaRecord } from '../repository/delta-record.js';
import { repositoryPaths } from '../repository/repository-paths.js';
import { listFolder, readIfThere } from '../workspace/files.js';
import { findLockedWheel } from '../workspace/locked-wheel.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { factsOfMetadata, type DistributionFacts } from './distribution-facts.js';
import type { PinData } from './page-data.js';

export type BuiltFacts = Partial<
  DistributionFacts & Pick<PinData, 'file' | 'download' | 'installed' | 'rpm' | 'delta'>
>;

export interface Built {
  /** By PEP 503 name. */
  facts: ReadonlyMap<string, BuiltFacts>;
  wheels: number;
  rpms: number;
  deltas: number;
}

const RPM_NAME = /^(.+)-[^-]+-[^-]+\.[^-.]+\.rpm$/;

/** @throws DistError for a damaged wheel */
export async function readBuilt(root: string, set: string, pins: readonly LockedPackage[]): Promise<Built> {
  const { wheels, rpms } = reqsetPaths(set);
  const wheelNames = await listFolder(join(root, wheels));
  const rpmNames = new Map(
    (await listFolder(join(root, rpms))).flatMap((file) => {
      const name = RPM_NAME.exec(file)?.[1];
      return name === undefined ? [] : [[name, file] as const];
    }),
  );
  const limit = pLimit(availableParallelism());
  const read = pins.map((pin) =>
    limit(async (): Promise<[string, BuiltFacts]> => {
      const wheel = findLockedWheel(wheelNames, pin);
      const project = wheelProject(set, pin.name);
      const rpm = rpmNames.get(project);
      const delta = smallestDelta(root, set, project);
      return [
        pin.name,
        {
          ...(wheel !== undefined && (await readWheel(join(root, wheels, wheel)))),
          ...(rpm !== undefined && { rpm: (await stat(join(root, rpms, rpm))).size }),
          ...(delta !== undefined && { delta }),
        },
      ];
    }),
  );
  const facts = await Promise.all(read);
  const count = (key: keyof BuiltFacts): number => facts.filter(([, one]) => one[key] !== undefined).length;
  return { facts: new Map(facts), wheels: count('installed'), rpms: count('rpm'), deltas: count('delta') };
}

async function readWheel(path: string): Promise<BuiltFacts> {
  const wheel = await openWheel(path, NO_WHEEL_LIMITS);
  try {
    return {
      ...factsOfMetadata(wheel.metadata),
      file: wheel.fileName,
      download: (await stat(path)).size,
      installed: wheel.entries.reduce((sum, { size }) => sum + size, 0),
    };
  } finally {
    wheel.close();
  }
}

function smallestDelta(root: string, set: string, project: string): number | undefined {
  const text = readIfThere(join(root, repositoryPaths(set).deltas, deltaRecordFile(project)));
  const sizes = parseDeltaRecord(text)?.deltas.map(({ size }) => size) ?? [];
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}
