// Formats the HTML page of a report. It is one file that loads nothing: the policy in its head allows its own script and style alone, by their digests. Pure.
import { createHash } from 'node:crypto';
import { escapeHtml } from '@pinpack/common/escape-html';
import type { PageData } from './page-data.js';

export interface PageAssets {
  script: string;
  style: string;
}

/** cytoscape adds this element to the head; without its digest in the policy the browser would refuse it. */
const CYTOSCAPE_STYLE = '.__________cytoscape_container { position: relative; }';

export function formatPage(data: PageData, { script, style }: PageAssets): string {
  const policy = [
    `default-src 'none'`,
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(style)} ${sourceOf(CYTOSCAPE_STYLE)}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(data.title)}</title>
<style>${style}</style>
</head>
<body>
<noscript><p>The tables and pictures of this report need JavaScript. The same facts as JSON: <code>npx pinpack report --json</code>.</p></noscript>
<div id="page"></div>
<script id="data" type="application/json">${embedJson(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** Names, summaries and URLs come from wheels: none of them may end the element or begin a comment in it (HTML, "Restrictions for contents of script elements"). */
function embedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
