// Formats dnf's configuration of a publication (dnf.conf(5), "Repo options"), which an administrator copies to /etc/yum.repos.d.
import { PUBLIC_KEY } from '@pinpack/rpm-repo';
import { publishedBytes, type PublishedFile } from '@pinpack/publication';

export interface RepoFileFacts {
  label: string;
  /** Of the publication, without a trailing slash. */
  url: string;
  isSigned: boolean;
}

/** The mirrorlist names the latest publication. Metadata expires after an hour because a replaced publication is kept for at least that long. */
export function formatRepoFile({ label, url, isSigned }: RepoFileFacts): string {
  const check = isSigned ? 1 : 0;
  return `${[
    `[${label}]`,
    `name=${label}`,
    `mirrorlist=${url}/${label}/mirrorlist`,
    ...(isSigned ? [`gpgkey=${url}/${label}/${PUBLIC_KEY}`] : ['# Not signed: set publish.sign in nx.json to sign.']),
    `gpgcheck=${check}`,
    `repo_gpgcheck=${check}`,
    'metadata_expire=1h',
  ].join('\n')}\n`;
}

export function repoFile(facts: RepoFileFacts): PublishedFile {
  return publishedBytes(`${facts.label}.repo`, formatRepoFile(facts));
}
