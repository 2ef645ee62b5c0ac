// Formats a static simple index for any web server: the pages of all projects. A pure function of the wheels.
import { compareVersions } from '../pep440/version-compare.js';
import { parseVersion } from '../pep440/version.js';
import { encodeFindLinksHtml, encodeProjectHtml, encodeRootHtml } from './html.js';
import type { IndexedWheel } from './indexed-wheel.js';
import { encodeProjectJson, encodeRootJson } from './json.js';

export interface IndexPage {
  /** `simple/index.html`, `simple/numpy/index.json`. */
  readonly path: string;
  readonly content: string;
  readonly contentType: string;
}

const HTML = 'text/html; charset=utf-8';
const JSON_PAGE = 'application/vnd.pypi.simple.v1+json';

/** The page with all wheels, beside `simple/`. */
export const FIND_LINKS = 'find-links.html';

/** The pages below `simple/`, and `find-links.html` beside it. They do not depend on the order of the wheels. */
export function simplePages(wheels: readonly IndexedWheel[]): IndexPage[] {
  const sorted = [...wheels].sort(compareWheels);
  const names = [...new Set(sorted.map(({ name }) => name))];
  return [
    { path: 'simple/index.html', content: encodeRootHtml(names), contentType: HTML },
    { path: 'simple/index.json', content: encodeRootJson(names), contentType: JSON_PAGE },
    { path: FIND_LINKS, content: encodeFindLinksHtml(sorted, 'simple/project'), contentType: HTML },
    ...names.flatMap((name) => {
      const own = sorted.filter((wheel) => wheel.name === name);
      return [
        { path: `simple/${name}/index.html`, content: encodeProjectHtml(name, own), contentType: HTML },
        { path: `simple/${name}/index.json`, content: encodeProjectJson(name, own), contentType: JSON_PAGE },
      ];
    }),
  ];
}

function compareWheels(one: IndexedWheel, other: IndexedWheel): number {
  return (
    compareTexts(one.name, other.name) ||
    compareVersions(parseVersion(one.version), parseVersion(other.version)) ||
    compareTexts(one.fileName, other.fileName)
  );
}

function compareTexts(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
