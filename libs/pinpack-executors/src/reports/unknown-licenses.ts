// Lists the pins whose licence is no SPDX expression, so that the License of their RPMs is only a reference. Reads the wheels that are built.
import { join } from 'node:path';
import { NO_WHEEL_LIMITS, openWheel, type Lock } from '@pinpack/python-dist';
import { declaredLicense, formatLicense } from '@pinpack/rpm-packaging/sbom';
import { formatTable } from '@pinpack/common/format-table';
import { listFolder } from '../workspace/files.js';
import { findLockedWheel } from '../workspace/locked-wheel.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';

export interface UnknownLicenses {
  /** `license` in the words of the distribution. */
  unknown: { name: string; version: string; license: string }[];
  /** The number of pins whose wheels are not in dist/wheels. */
  unread: number;
}

/** @throws DistError for a damaged wheel */
export async function findUnknownLicenses(root: string, set: string, { packages }: Lock): Promise<UnknownLicenses> {
  const folder = join(root, reqsetPaths(set).wheels);
  const files = await listFolder(folder);
  const found: UnknownLicenses = { unknown: [], unread: 0 };
  for (const locked of packages) {
    const file = findLockedWheel(files, locked);
    if (file === undefined) {
      found.unread += 1;
      continue;
    }
    const wheel = await openWheel(join(folder, file), NO_WHEEL_LIMITS);
    wheel.close();
    const license = declaredLicense(wheel.metadata);
    const { name, version } = locked;
    if (license === undefined || 'text' in license)
      found.unknown.push({ name, version, license: formatLicense(license) });
  }
  return found;
}

/** Nothing if all licences are known. */
export function formatUnknownLicenses({ unknown, unread }: UnknownLicenses, label: string): string {
  const rows = unknown.map(({ name, version, license }) => [`  ${name} ${version}`, license]);
  return [
    ...(rows.length > 0 ? ['', 'licences that are no SPDX expressions', ...formatTable(undefined, rows)] : []),
    ...(unread > 0
      ? ['', `wheels that are not built, whose licences were not read: ${unread} (nx run ${label}:wheel)`]
      : []),
  ]
    .map((line) => `\n${line}`)
    .join('');
}
