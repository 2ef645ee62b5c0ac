// One line that says what publishing did. Pure.
import type { Published, PublishedFile } from '@pinpack/publication';
import { formatBytes } from '@pinpack/common/progress';

export interface PublishedFacts {
  label: string;
  /** `s3://bucket/prefix` */
  location: string;
  published: Published;
  files: readonly Pick<PublishedFile, 'path'>[];
}

/** `reqset3: release 20261122T193000Z-0123456789ab published to s3://bucket/prefix: 12 uploaded (15.2 MB), 101 copied; 3 deltas` */
export function describePublished({ label, location, published, files }: PublishedFacts): string {
  const { id, uploaded, copied, present, bytes, isLatest, before } = published;
  const deltas = files.filter(({ path }) => path.endsWith('.drpm')).length;
  const outcome = isLatest ? '' : `\n${label}: a newer release came first and stays the latest`;
  if (uploaded + copied + present === 0) {
    const what = before === id ? 'is the latest already' : 'was there already, and is the latest again';
    return `${label}: release ${id} at ${location} ${isLatest ? what : 'was there already'}${outcome}`;
  }
  const parts = [
    `${uploaded} uploaded (${formatBytes(bytes)})`,
    `${copied} copied`,
    ...(present > 0 ? [`${present} there since a run that broke off`] : []),
  ];
  return `${label}: release ${id} published to ${location}: ${parts.join(', ')}; ${deltas} ${deltas === 1 ? 'delta' : 'deltas'}${outcome}`;
}
