// Finds the changelog and homepage of a package in the project URLs of its METADATA. Pure.
import { hasControlCharacters } from '@pinpack/common/control-characters';
import type { Metadata } from '@pinpack/python-dist';
import type { Link } from '@pinpack/rpm-repo';

// The labels of "Well-known Project URLs in Metadata" (PyPA), and others in use.
const CHANGES = /change|release|history|what'?s ?new|news/i;

/** The changelog, then the homepage; omits URLs that are not web pages. */
export function linksOf({ projectUrls, homepage }: Pick<Metadata, 'projectUrls' | 'homepage'>): Link[] {
  const changes = projectUrls.find(({ label }) => CHANGES.test(label))?.url;
  const links = [
    { title: 'Changelog', href: changes },
    { title: 'Homepage', href: homepage },
  ];
  return links.flatMap(({ title, href }) => (isPage(href) ? [{ title, href }] : []));
}

function isPage(url: string | undefined): url is string {
  return url !== undefined && /^https?:\/\/\S+$/.test(url) && !hasControlCharacters(url);
}
