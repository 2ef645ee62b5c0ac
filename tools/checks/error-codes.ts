// The stable error codes: those that the packages use, and their entries in docs/errors.md. Texts go in, codes and violations come out.
import ts from 'typescript';
import type { WorkspaceFile } from './dependency-rules.js';

const CODE = /^(?:PINPACK|DIST|RPM|OCI|REPO|STORE|CREATE)_[A-Z0-9_]+$/;

/** An entry of docs/errors.md. */
interface Entry {
  code: string;
  /** The code's prefix, as its section's heading names it. */
  section: string;
  lines: string[];
}

/** The codes that errors of `libs/*` are made with, sorted. */
export function thrownCodes(files: readonly WorkspaceFile[]): string[] {
  const literals = new Set<string>();
  const identifiers = new Set<string>();
  for (const { path, text } of files) {
    if (!/^libs\/(?!testing\/)[^/]+\/src\/.*\.ts$/.test(path) || /\.(?:spec|fixture)\.ts$/.test(path)) continue;
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node)) identifiers.add(node.text);
      if (ts.isStringLiteralLike(node) && CODE.test(node.text) && isMade(node)) literals.add(node.text);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true));
  }
  // Names of environment variables are read as properties; no code is.
  return [...literals].filter((name) => !identifiers.has(name)).sort();
}

/** Types declare codes, and comparisons look for codes of errors that were made elsewhere. */
function isMade({ parent }: ts.StringLiteralLike): boolean {
  if (ts.isLiteralTypeNode(parent) || ts.isBinaryExpression(parent) || ts.isCaseClause(parent)) return false;
  if (!ts.isArrayLiteralExpression(parent)) return true;
  // A list of nothing but codes is compared with; `[code, message]` is not such a list.
  return !parent.elements.every((element) => ts.isStringLiteralLike(element) && CODE.test(element.text));
}

/** Every difference between the page and the codes. @param page - the text of docs/errors.md */
export function pageIssues(page: string, codes: readonly string[]): string[] {
  const entries = entriesOf(page);
  const documented = entries.map(({ code }) => code);
  return [
    ...codes.filter((code) => !documented.includes(code)).map((code) => `missing: add the entry "### ${code}"`),
    ...documented
      .filter((code) => !codes.includes(code))
      .map((code) => `obsolete: remove "### ${code}", not used in libs`),
    ...documented.filter((code, at) => documented.indexOf(code) !== at).map((code) => `repeated: "### ${code}"`),
    ...entries.flatMap(entryIssues),
    ...entries.flatMap((entry, at) => orderIssues(entry, entries[at - 1])),
  ];
}

/** Sections open with a heading such as "## Images: `OCI_`". */
function entriesOf(page: string): Entry[] {
  const entries: Entry[] = [];
  let section = '';
  for (const line of page.split('\n')) {
    if (line.startsWith('## ')) section = /`([A-Z]+_)`/.exec(line)?.[1] ?? '';
    else if (line.startsWith('### ')) entries.push({ code: line.slice(4).trim(), section, lines: [] });
    else entries.at(-1)?.lines.push(line);
  }
  return entries;
}

function entryIssues({ code, section, lines }: Entry): string[] {
  const missing = ['Cause:', 'Remedy:'].filter(
    (label) => !lines.some((line) => line.trimEnd().startsWith(`- ${label} `)),
  );
  return [
    ...missing.map((label) => `incomplete: "### ${code}" has no line "- ${label} …"`),
    ...(section !== '' && code.startsWith(section) ? [] : [`misplaced: "### ${code}" is in the section "${section}"`]),
  ];
}

function orderIssues({ code, section }: Entry, before: Entry | undefined): string[] {
  if (before?.section !== section || before.code <= code) return [];
  return [`unsorted: "### ${code}" must come before "### ${before.code}"`];
}
