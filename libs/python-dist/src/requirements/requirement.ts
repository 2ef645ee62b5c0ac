/** Dependency specifiers (PEP 508): `name[extra,…] (specifiers | @ url) ; marker`. */
import { DistError } from '../dist-error.js';
import { skipMarker } from './marker-syntax.js';
import { parseSpecifierSet, SPECIFIER_SOURCE, type Specifier } from '../pep440/specifier.js';
import { TextCursor } from './text-cursor.js';

/** `name` and `extras` are as written. The marker is text that is not evaluated here. */
export interface Requirement {
  readonly name: string;
  readonly extras: readonly string[];
  readonly specifiers: readonly Specifier[];
  readonly url?: string;
  readonly marker?: string;
}

const IDENTIFIER = /[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?(?![a-z0-9_])/iy;
const ONE_SPECIFIER = new RegExp(SPECIFIER_SOURCE, 'iy');

/** Parses a requirement. Throws `DIST_REQUIREMENT_INVALID` with the column. */
export function parseRequirement(text: string): Requirement {
  const cursor = new TextCursor(text, 'DIST_REQUIREMENT_INVALID');
  cursor.skipBlanks();
  const name = cursor.expect(IDENTIFIER, 'the name of a distribution');
  cursor.skipBlanks();
  const extras = takeExtras(cursor);
  cursor.skipBlanks();
  const source = takeUrl(cursor) ?? { specifiers: takeSpecifiers(cursor) };
  const marker = takeMarker(cursor);
  return { name, extras, specifiers: [], ...source, ...(marker === undefined ? {} : { marker }) };
}

function takeExtras(cursor: TextCursor): string[] {
  const extras: string[] = [];
  if (cursor.take(/\[/y) === undefined) return extras;
  cursor.skipBlanks();
  if (cursor.take(/\]/y) !== undefined) return extras;
  do {
    cursor.skipBlanks();
    extras.push(cursor.expect(IDENTIFIER, 'the name of an extra'));
    cursor.skipBlanks();
  } while (cursor.take(/,/y) !== undefined);
  cursor.expect(/\]/y, '"," or "]" after an extra');
  return extras;
}

function takeUrl(cursor: TextCursor): { url: string } | undefined {
  if (cursor.take(/@/y) === undefined) return undefined;
  cursor.skipBlanks();
  const url = cursor.expect(/[^ \t]+/y, 'a URL after "@"');
  if (!cursor.atEnd()) cursor.expect(/[ \t]+/y, 'a blank after the URL');
  return { url };
}

function takeSpecifiers(cursor: TextCursor): Specifier[] {
  const opened = cursor.take(/\(/y) !== undefined;
  cursor.skipBlanks();
  const start = cursor.position;
  const taken: string[] = [];
  for (;;) {
    const specifier = cursor.take(ONE_SPECIFIER);
    if (specifier === undefined) break;
    rejectTrailing(cursor);
    taken.push(specifier);
    cursor.skipBlanks();
    if (cursor.take(/,/y) === undefined) break;
    cursor.skipBlanks();
  }
  cursor.skipBlanks();
  if (opened) cursor.expect(/\)/y, taken.length === 0 ? 'a version specifier or ")"' : '"," or ")"');
  cursor.skipBlanks();
  return parseTaken(cursor, taken.join(','), start);
}

/** The version of `===` may contain commas, so some errors are only found in the whole set. */
function parseTaken(cursor: TextCursor, text: string, start: number): Specifier[] {
  try {
    return parseSpecifierSet(text);
  } catch (error) {
    if (error instanceof DistError) throw cursor.error(error.issues[0].message.replace('\n', ', '), start);
    throw error;
  }
}

function rejectTrailing(cursor: TextCursor): void {
  const { position } = cursor;
  if (cursor.take(/\.\*/y) !== undefined) throw cursor.error('".*" is only valid with == and !=', position);
  if (cursor.take(/\+[a-z0-9]/y) !== undefined) {
    throw cursor.error('a local version is only valid with ==, != and ===', position);
  }
}

function takeMarker(cursor: TextCursor): string | undefined {
  if (cursor.atEnd()) return undefined;
  cursor.expect(/;/y, 'a version specifier, ";" before a marker, or the end');
  const start = cursor.position;
  skipMarker(cursor);
  if (!cursor.atEnd()) throw cursor.error('expected "and", "or" or the end of the marker');
  return cursor.text.slice(start).trim();
}
