// HTML pages of a simple index, readable by every version of pip (PEP 503; PEP 658 and 714 for metadata; PEP 629 for the version).
import { escapeHtml } from '@pinpack/common/escape-html';
import { urlOf, type IndexedWheel } from './indexed-wheel.js';

/** The page of all projects. @param names - PEP 503 names */
export function encodeRootHtml(names: readonly string[]): string {
  return page(
    'Simple index',
    names.map((name) => anchor(name, [['href', `${name}/`]])),
  );
}

/** The page of a project. */
export function encodeProjectHtml(name: string, wheels: readonly IndexedWheel[]): string {
  return page(
    `Links for ${name}`,
    wheels.map((wheel) => anchor(wheel.fileName, attributesOf(wheel, urlOf(wheel)))),
  );
}

/**
 * One page with all wheels, for `--find-links`: for servers that do not serve index.html for a folder.
 *
 * @param root - relative path from this page to a project's page: `simple/_`
 */
export function encodeFindLinksHtml(wheels: readonly IndexedWheel[], root: string): string {
  return page(
    'All wheels',
    wheels.map((wheel) => anchor(wheel.fileName, attributesOf(wheel, normalizePath(`${root}/${urlOf(wheel)}`)))),
  );
}

function attributesOf({ sha256, requiresPython, metadataSha256 }: IndexedWheel, url: string): [string, string][] {
  const attributes: [string, string][] = [['href', `${url}#sha256=${sha256}`]];
  if (requiresPython !== undefined) attributes.push(['data-requires-python', requiresPython]);
  if (metadataSha256 !== undefined) {
    // PEP 714's name, and the older name that older versions of pip read.
    attributes.push(['data-core-metadata', `sha256=${metadataSha256}`]);
    attributes.push(['data-dist-info-metadata', `sha256=${metadataSha256}`]);
  }
  return attributes;
}

function anchor(text: string, attributes: readonly (readonly [string, string])[]): string {
  const inside = attributes.map(([name, value]) => ` ${name}="${escapeHtml(value)}"`).join('');
  return `    <a${inside}>${escapeHtml(text)}</a><br>`;
}

function page(title: string, lines: readonly string[]): string {
  return `${[
    '<!DOCTYPE html>',
    '<html lang="en">',
    '  <head>',
    '    <meta charset="utf-8">',
    '    <meta name="pypi:repository-version" content="1.1">',
    `    <title>${escapeHtml(title)}</title>`,
    '  </head>',
    '  <body>',
    `    <h1>${escapeHtml(title)}</h1>`,
    ...lines,
    '  </body>',
    '</html>',
  ].join('\n')}\n`;
}

/** Resolves `..` after a folder. */
function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}
