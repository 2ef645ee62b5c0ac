// Plans upgrades of a lock's pins: newer versions, and the rebuilds and downloads that they would need. Pure.
import { closureOf, type Lock, type LockedPackage, type NewestVersion } from '@pinpack/python-dist';
import { formatBytes } from '@pinpack/common/progress';
import { applicationProject, setLabel, wheelProject } from '@pinpack/rpm-packaging';
import { formatTable } from '@pinpack/common/format-table';

export interface Update {
  name: string;
  /** Absent if the upgrade would add the pin. */
  locked?: string;
  /** The version that `lock --upgrade` would lock; absent if it would remove the pin. */
  compatible?: string;
  /** The newest version with a wheel for the reqset's Python and platform, if newer than `locked`. */
  newest?: string;
  /** Bytes of the new wheel; absent if nothing is downloaded, or the index does not give the size. */
  download?: number;
  /** Projects whose RPM would change. */
  rebuilds: string[];
}

/** @param upgraded - the result of `lock --upgrade` */
export function planUpdates(
  set: string,
  lock: Lock,
  upgraded: Lock,
  newest: ReadonlyMap<string, NewestVersion>,
): Update[] {
  const [before, after] = [lock, upgraded].map(({ packages }) => new Map(packages.map((pin) => [pin.name, pin])));
  const names = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])].sort();
  return names.flatMap((name) => {
    const [was, becomes, best] = [before?.get(name), after?.get(name), newest.get(name)];
    const moves = was?.version !== becomes?.version;
    if (!moves && best === undefined) return [];
    const download = moves && becomes?.source.kind === 'wheel' ? becomes.source.wheel.size : undefined;
    return [
      {
        name,
        ...(was !== undefined && { locked: was.version }),
        ...(becomes !== undefined && { compatible: becomes.version }),
        ...(best !== undefined && { newest: best.version }),
        ...(download !== undefined && { download }),
        rebuilds: rebuiltBy(set, lock, name),
      },
    ];
  });
}

/** The pin's own RPM, those of pins that are built with it, and those of applications that contain any of them. */
function rebuiltBy(set: string, { packages, applications }: Lock, name: string): string[] {
  const built = packages.filter((pin) => builtWith(pin).includes(name)).map((pin) => pin.name);
  const changed = new Set([name, ...built]);
  const affected = applications.filter(({ library }) =>
    closureOf(packages, [library]).some((pin) => changed.has(pin.name)),
  );
  return [
    ...[...changed].map((pin) => wheelProject(set, pin)),
    ...affected.map((application) => applicationProject(set, application.name)),
  ];
}

function builtWith({ source }: LockedPackage): string[] {
  return 'buildRequires' in source ? source.buildRequires.map(({ name }) => name) : [];
}

/** Text output. */
export function formatUpdates(set: string, updates: readonly Update[], pins: number): string {
  const label = setLabel(set);
  if (updates.length === 0) return `${label}: all ${pins} pins are at their newest versions`;
  const moving = updates.filter(({ locked, compatible }) => locked !== compatible);
  const rows = updates.map(({ name, locked = '', compatible = 'removed', newest, download, rebuilds }) => [
    name,
    locked,
    compatible === locked ? '' : compatible,
    newest ?? '',
    download === undefined ? '' : formatBytes(download),
    String(rebuilds.length),
  ]);
  const rebuilds = new Set(moving.flatMap((update) => update.rebuilds));
  const bytes = moving.reduce((sum, { download = 0 }) => sum + download, 0);
  return [
    ...formatTable(['pin', 'locked', 'compatible', 'newest', 'download', 'RPMs'], rows),
    moving.length === 0
      ? `${label}: the requirements allow no upgrade`
      : `${label}: lock --upgrade would move ${moving.length} of ${pins} pins, download ${formatBytes(bytes)} and make ${rebuilds.size} RPMs`,
  ].join('\n');
}
