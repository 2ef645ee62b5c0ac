// Where people read of a package's changes: from its METADATA's project URLs. Pure.
import type { Metadata } from '@pinpack/python-dist';
import type { Link } from '@pinpack/rpm-repo';

// "Well-known Project URLs in Metadata" (PyPA), and what authors write besides.
const CHANGES = /change|release|history|what'?s ?new|news/i;

/** The changelog first, where there is one, then the homepage; none that isn't a web page's. */
export function linksOf({ projectUrls, homepage }: Pick<Metadata, 'projectUrls' | 'homepage'>): Link[] {
  const changes = projectUrls.find(({ label }) => CHANGES.test(label))?.url;
  const links = [
    { title: 'Changelog', href: changes },
    { title: 'Homepage', href: homepage },
  ];
  return links.flatMap(({ title, href }) => (isPage(href) ? [{ title, href }] : []));
}

function isPage(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\/\S+$/.test(url);
}
