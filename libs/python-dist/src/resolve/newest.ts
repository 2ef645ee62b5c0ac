// Finds the newest versions of pins on the index, independent of requirements, to show possible upgrades.
import pLimit from 'p-limit';
import type { IndexClient } from '../index/index-client.js';
import type { IndexFile } from '../index/simple-page.js';
import { formatVersion, isPreRelease, tryParseVersion, type Version } from '../pep440/version.js';
import { compareVersions } from '../pep440/version-compare.js';
import { parseWheelFileName } from '../names/wheel-file-name.js';
import { chooseWheels } from '../uv/evaluate.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import type { Uv } from '../uv/uv.js';

const PAGES_AT_ONCE = 8;

export interface NewestVersion {
  version: string;
  /** Size of its wheel in bytes, if it is on the index's page. */
  size?: number;
}

type Pins = readonly { name: string; version: string }[];

/**
 * The newest version of each pin with a wheel for the target, if it is newer than the pin. Pre-releases and yanked files are ignored.
 *
 * @returns by PEP 503 name, without pins that are up to date
 * @throws DistError `DIST_INDEX_*`
 */
export async function newestVersions(
  pins: Pins,
  target: TargetEnvironment,
  tools: { uv: Uv; index: IndexClient },
): Promise<Map<string, NewestVersion>> {
  const newer = await newerVersions(pins, target, tools);
  return new Map([...newer].flatMap(([name, [newest]]) => (newest === undefined ? [] : [[name, newest] as const])));
}

/** All such versions of each pin, the newest first. */
export async function newerVersions(
  pins: Pins,
  target: TargetEnvironment,
  { uv, index }: { uv: Uv; index: IndexClient },
): Promise<Map<string, NewestVersion[]>> {
  const limit = pLimit(PAGES_AT_ONCE);
  const offers = await Promise.all(
    pins.map(({ name, version }) =>
      limit(async () => ({ name, newer: newerWheels(await index.files(name), version) })),
    ),
  );
  const candidates = offers.flatMap(({ name, newer }) =>
    [...newer].map(([version, files]) => [`${name} ${version}`, files.map((file) => file.name)] as const),
  );
  const best = await chooseWheels(uv, target, Object.fromEntries(candidates));
  return new Map(
    offers.map(({ name, newer }) => {
      const found = [...newer].flatMap(([version, files]) => {
        const file = files.find((candidate) => candidate.name === best[`${name} ${version}`]);
        return file === undefined ? [] : [{ version, ...(file.size !== undefined && { size: file.size }) }];
      });
      return [name, found] as const;
    }),
  );
}

/** Wheels of newer versions, the newest version first. */
function newerWheels(files: readonly IndexFile[], than: string): Map<string, IndexFile[]> {
  const locked = tryParseVersion(than);
  const found = files.flatMap((file) => {
    const version = file.yanked ? undefined : versionOf(file.name);
    const isNewer = version !== undefined && locked !== undefined && compareVersions(version, locked) > 0;
    return isNewer && !isPreRelease(version) ? [{ version, file }] : [];
  });
  const newer = new Map<string, IndexFile[]>();
  for (const { version, file } of found.sort((a, b) => compareVersions(b.version, a.version))) {
    const text = formatVersion(version);
    newer.set(text, [...(newer.get(text) ?? []), file]);
  }
  return newer;
}

function versionOf(fileName: string): Version | undefined {
  if (!fileName.endsWith('.whl')) return undefined;
  try {
    return tryParseVersion(parseWheelFileName(fileName).version);
  } catch {
    // Indexes have old files with invalid names, which pip ignores too.
    return undefined;
  }
}
