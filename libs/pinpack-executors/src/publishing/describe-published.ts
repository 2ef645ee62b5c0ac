// Formats the result of publishing as one line. Pure.
import type { Published, PublishedFile } from '@pinpack/publication';
import { formatBytes } from '@pinpack/common/progress';

export interface PublishedFacts {
  label: string;
  /** `s3://bucket/prefix` */
  location: string;
  published: Published;
  files: readonly Pick<PublishedFile, 'path'>[];
}

/** `reqset3: publication 20261122T193000Z-0123456789ab uploaded to s3://bucket/prefix: 12 uploaded (15.2 MB), 101 copied; 3 deltas` */
export function describePublished({ label, location, published, files }: PublishedFacts): string {
  const { id, uploaded, copied, present, bytes, isLatest, before } = published;
  const deltas = files.filter(({ path }) => path.endsWith('.drpm')).length;
  const outcome = isLatest ? '' : `\n${label}: a newer publication was made in the meantime and stays the latest`;
  if (uploaded + copied + present === 0) {
    const what = before === id ? 'is the latest already' : 'existed already and is the latest again';
    return `${label}: publication ${id} at ${location} ${isLatest ? what : 'existed already'}${outcome}`;
  }
  const parts = [
    `${uploaded} uploaded (${formatBytes(bytes)})`,
    `${copied} copied`,
    ...(present > 0 ? [`${present} kept from an interrupted run`] : []),
  ];
  return `${label}: publication ${id} uploaded to ${location}: ${parts.join(', ')}; ${deltas} ${deltas === 1 ? 'delta' : 'deltas'}${outcome}`;
}

/** The warning of every unsigned publication. */
export function describeUnsigned(label: string, location: string): string {
  return [
    `WARNING: ${label} was published without signatures.`,
    `  Whoever can write to ${location}, or change what hosts receive from it, can install any software on them as root.`,
    '  Hosts verify neither packages nor metadata, and an old publication cannot be told from the latest one.',
    '  Configure a key: "publish": { "sign": … } in nx.json, or PINPACK_SIGN_KEY_FILE; see docs/repositories.md, "Signatures".',
  ].join('\n');
}
