// Summarizes the files and sizes of publications as a table. Pure.
import { publicationTime, type PublicationFacts, type PublicationFile } from '@pinpack/publication';
import { formatBytes } from '@pinpack/common/progress';
import { formatTable } from '@pinpack/common/format-table';

export interface PublicationSummary {
  id: string;
  isLatest: boolean;
  /** In ISO 8601. */
  time: string;
  files: number;
  deltas: number;
  bytes: number;
  /** Of files that no older publication has. */
  newBytes: number;
}

type WholePublication = PublicationFacts & { files: readonly PublicationFile[] };

/** @param publications - newest first */
export function summarizePublications(publications: readonly WholePublication[]): PublicationSummary[] {
  return publications.map(({ id, isLatest, files }, index) => {
    const older = new Set(publications.slice(index + 1).flatMap((each) => each.files.map(({ sha256 }) => sha256)));
    return {
      ...{ id, isLatest, time: publicationTime(id).toISOString(), files: files.length },
      deltas: files.filter(({ path }) => path.endsWith('.drpm')).length,
      bytes: sizeOf(files),
      newBytes: sizeOf(files.filter(({ sha256 }) => !older.has(sha256))),
    };
  });
}

export function formatPublications(
  publications: readonly PublicationSummary[],
  { label, location }: { label: string; location: string },
): string {
  if (publications.length === 0)
    return `${label}: nothing is published at ${location}. Publish it: nx run ${label}:publish`;
  const rows = publications.map(({ id, isLatest, files, deltas, bytes, newBytes }) => [
    id,
    ...[`${files}`, `${deltas}`, formatBytes(bytes), formatBytes(newBytes)],
    isLatest ? '← latest' : '',
  ]);
  return formatTable(['publication', 'files', 'deltas', 'size', 'new', ''], rows).join('\n');
}

function sizeOf(files: readonly PublicationFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}
