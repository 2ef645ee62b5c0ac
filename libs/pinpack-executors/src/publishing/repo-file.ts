// dnf's configuration for what is published (dnf.conf(5), "Repo options"): one file that an administrator puts into /etc/yum.repos.d.
import { PUBLIC_KEY } from '@pinpack/rpm-repo';
import { publishedBytes, type PublishedFile } from '@pinpack/publication';

export interface RepoFileFacts {
  label: string;
  /** Of the publication, without a slash at its end. */
  url: string;
  isSigned: boolean;
}

/** The mirrorlist names the latest release. An hour is how long a release stays after it was replaced, at least. */
export function formatRepoFile({ label, url, isSigned }: RepoFileFacts): string {
  const check = isSigned ? 1 : 0;
  return `${[
    `[${label}]`,
    `name=${label}`,
    `mirrorlist=${url}/${label}/mirrorlist`,
    ...(isSigned
      ? [`gpgkey=${url}/${label}/${PUBLIC_KEY}`]
      : ['# Nothing is signed: publish.sign in nx.json changes that.']),
    `gpgcheck=${check}`,
    `repo_gpgcheck=${check}`,
    'metadata_expire=1h',
  ].join('\n')}\n`;
}

export function repoFile(facts: RepoFileFacts): PublishedFile {
  return publishedBytes(`${facts.label}.repo`, formatRepoFile(facts));
}
