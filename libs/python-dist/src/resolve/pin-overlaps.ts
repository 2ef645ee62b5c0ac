// Finds pins that install the same paths. The files of a wheel are read from dist/wheels, or else from the end of the wheel on the index, and kept in the
// user's cache by the wheel's digest.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { undefinedIfAbsent } from '@pinpack/common/missing-file';
import pLimit from 'p-limit';
import { z } from 'zod';
import { DistError } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import { minorVersion } from '../lock/closure.js';
import type { LockedPackage } from '../lock/lock.js';
import type { WheelFile } from '../names/distribution-file.js';
import { isWheelOf } from '../names/wheel-file-name.js';
import { findOverlaps, type Overlap } from '../wheel/find-overlaps.js';
import { readInstalledFacts, type InstalledFacts } from '../wheel/installed-facts.js';
import { recall, remember } from './remember.js';

export type OverlapPin = Pick<LockedPackage, 'name' | 'version' | 'source'>;

export interface OverlapRequest {
  pins: readonly OverlapPin[];
  /** The set's full or minor version. */
  python: string;
  /** The folder of the set's wheels. */
  wheels: string;
  /** The user's cache folder. */
  cache: string;
  /** Opens the index if the files of a wheel are neither in the folder nor in the cache. Without it, they stay unknown. */
  index?: () => Promise<IndexClient>;
}

export interface PinOverlaps {
  overlaps: Overlap[];
  /** How RECORD differs from the wheel's files, by pin. */
  recordIssues: Map<string, readonly string[]>;
  /** The names of all commands that the pins install. */
  commands: Set<string>;
  /** Pins whose files are unknown: they are yet to be built, or the index serves no ranges. */
  unknown: string[];
}

/** The index is asked for the files of wheels for at most this time: the warnings are not worth a longer wait. */
const INDEX_SECONDS = 60;
/** Changes with what is read, so that older files of the cache are not used. */
const FORMAT = 1;
const AT_ONCE = 16;
/** A record of zod takes ten times as long for the many files. */
const FACTS = z.object({
  files: z.custom<InstalledFacts['files']>(isTextTable),
  recordIssues: z.array(z.string()),
});

function isTextTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}

/** @throws DistError `DIST_WHEEL_*`, `DIST_RECORD_*` for a wheel in the folder */
export async function findPinOverlaps({ ...request }: OverlapRequest): Promise<PinOverlaps> {
  const deadline = setTimeout(() => {
    delete request.index;
  }, INDEX_SECONDS * 1000);
  try {
    return await findOverlapsOf(request);
  } finally {
    clearTimeout(deadline);
  }
}

async function findOverlapsOf(request: OverlapRequest): Promise<PinOverlaps> {
  const limit = pLimit(AT_ONCE);
  const readAll = async (pins: readonly OverlapPin[], inspect: ReadonlyMap<string, string[]>) =>
    Promise.all(
      pins.map((pin) => limit(async () => [pin.name, await readFacts(request, pin, inspect.get(pin.name))] as const)),
    );
  const facts = new Map(await readAll(request.pins, new Map()));
  const inspected = modulesOf(overlapsOf(facts));
  // Whether they only declare a namespace is not known of wheels on the index.
  const again = request.pins.filter(({ name }) => inspected.has(name));
  for (const [name, found] of await readAll(again, inspected)) facts.set(name, found);
  const known = [...facts].flatMap(([name, found]) =>
    found === undefined ? [] : [[name, found.recordIssues] as const],
  );
  return {
    overlaps: overlapsOf(facts),
    commands: new Set([...facts.values()].flatMap((found) => (found === undefined ? [] : commandsOf(found)))),
    recordIssues: new Map(known.filter(([, issues]) => issues.length > 0)),
    unknown: [...facts].flatMap(([name, found]) => (found === undefined ? [name] : [])),
  };
}

function commandsOf({ files }: InstalledFacts): string[] {
  return Object.keys(files).flatMap((path) => (path.startsWith('bin/') ? [path.slice('bin/'.length)] : []));
}

function overlapsOf(facts: ReadonlyMap<string, InstalledFacts | undefined>): Overlap[] {
  return findOverlaps(
    [...facts].flatMap(([name, found]) => (found === undefined ? [] : [{ name, files: found.files }])),
  );
}

/** The `__init__.py` in overlaps, by pin. */
function modulesOf(overlaps: readonly Overlap[]): Map<string, string[]> {
  const modules = new Map<string, string[]>();
  for (const { pins, paths } of overlaps) {
    const found = paths.filter((path) => path.endsWith('/__init__.py'));
    if (found.length > 0) for (const name of pins) modules.set(name, [...(modules.get(name) ?? []), ...found]);
  }
  return modules;
}

async function readFacts(
  request: OverlapRequest,
  pin: OverlapPin,
  inspect: readonly string[] = [],
): Promise<InstalledFacts | undefined> {
  const python = minorVersion(request.python);
  if (!('wheel' in pin.source)) {
    const built = await findBuilt(request.wheels, pin);
    return built === undefined ? undefined : readInstalledFacts(join(request.wheels, built), built, { python });
  }
  const { wheel } = pin.source;
  const path = join(request.wheels, wheel.name);
  if ((await sizeOf(path)) === wheel.size) return rememberInstalled({ cache: request.cache, python, path, wheel });
  const known = await recall(localFacts({ cache: request.cache, python, wheel }));
  return known ?? readFromIndex(request, { name: pin.name, wheel, inspect: [...inspect].sort() });
}

export interface LocalWheel {
  /** The user's cache folder. */
  cache: string;
  /** Minor version. */
  python: string;
  path: string;
  wheel: WheelFile;
}

/** Keeps the files of a wheel on this machine in the cache. @throws DistError `DIST_WHEEL_*`, `DIST_RECORD_*` */
export function rememberInstalled({ path, ...local }: LocalWheel): Promise<InstalledFacts> {
  const { python, wheel } = local;
  return remember(localFacts(local), () => readInstalledFacts(path, wheel.name, { python }));
}

function localFacts({ cache, python, wheel }: Omit<LocalWheel, 'path'>) {
  return { cache, schema: FACTS, key: ['installed', FORMAT, python, wheel.sha256] };
}

async function readFromIndex(
  { index, python, cache }: OverlapRequest,
  { name, wheel, inspect }: { name: string; wheel: WheelFile; inspect: readonly string[] },
): Promise<InstalledFacts | undefined> {
  if (index === undefined) return undefined;
  const minor = minorVersion(python);
  const key = ['installed from index', FORMAT, minor, wheel.sha256, inspect];
  try {
    return await remember({ cache, schema: FACTS, key }, async () => {
      const client = await index();
      return client.installedFacts(name, wheel, { python: minor, inspect });
    });
  } catch (error) {
    // The wheel is checked when it has been downloaded.
    if (error instanceof DistError) return undefined;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(undefinedIfAbsent))?.size;
}

async function findBuilt(folder: string, pin: OverlapPin): Promise<string | undefined> {
  const files = (await readdir(folder).catch(undefinedIfAbsent)) ?? [];
  const found = files.filter((file) => isWheelOf(file, pin));
  return found.length === 1 ? found[0] : undefined;
}
