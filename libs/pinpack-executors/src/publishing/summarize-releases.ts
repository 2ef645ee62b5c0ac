// What releases weigh, as a table. Pure.
import { publicationTime, type PublicationFacts, type PublicationFile } from '@pinpack/publication';
import { formatBytes } from '@pinpack/common/progress';
import { formatTable } from '@pinpack/common/format-table';

export interface ReleaseSummary {
  id: string;
  isLatest: boolean;
  /** In ISO 8601. */
  time: string;
  files: number;
  deltas: number;
  bytes: number;
  /** Of files that no older release has. */
  newBytes: number;
}

type WholeRelease = PublicationFacts & { files: readonly PublicationFile[] };

/** @param releases - newest first */
export function summarizeReleases(releases: readonly WholeRelease[]): ReleaseSummary[] {
  return releases.map(({ id, isLatest, files }, index) => {
    const older = new Set(releases.slice(index + 1).flatMap((release) => release.files.map(({ sha256 }) => sha256)));
    return {
      ...{ id, isLatest, time: publicationTime(id).toISOString(), files: files.length },
      deltas: files.filter(({ path }) => path.endsWith('.drpm')).length,
      bytes: sizeOf(files),
      newBytes: sizeOf(files.filter(({ sha256 }) => !older.has(sha256))),
    };
  });
}

export function formatReleases(
  releases: readonly ReleaseSummary[],
  { label, location }: { label: string; location: string },
): string {
  if (releases.length === 0) return `${label}: nothing is published at ${location}. nx run ${label}:publish does it`;
  const rows = releases.map(({ id, isLatest, files, deltas, bytes, newBytes }) => [
    id,
    ...[`${files}`, `${deltas}`, formatBytes(bytes), formatBytes(newBytes)],
    isLatest ? '← latest' : '',
  ]);
  return formatTable(['release', 'files', 'deltas', 'size', 'new', ''], rows).join('\n');
}

function sizeOf(files: readonly PublicationFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
