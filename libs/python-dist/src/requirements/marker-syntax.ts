/** The grammar of environment markers (PEP 508). It recognizes markers; it never evaluates them. */
import type { TextCursor } from './text-cursor.js';

const VARIABLE = new RegExp(
  String.raw`\b(?:python_version|python_full_version|os[._]name|sys[._]platform|platform_(?:release|system)|` +
    String.raw`platform[._](?:version|machine|python_implementation)|python_implementation|` +
    String.raw`implementation_(?:name|version)|extras?|dependency_groups)\b`,
  'y',
);
const QUOTED = /'[^']*'|"[^"]*"/y;
const OPERATOR = /===|==|~=|!=|<=|>=|<|>|\bin\b|\bnot[ \t]+in\b/y;

const MAX_DEPTH = 100;

/** Moves the cursor past a marker and surrounding blanks. Throws if it is invalid. */
export function skipMarker(cursor: TextCursor, depth = 0): void {
  // METADATA is untrusted: this limits the recursion depth.
  if (depth > MAX_DEPTH) throw cursor.error(`more than ${MAX_DEPTH} nested groups`);
  skipAtom(cursor, depth);
  while (cursor.take(/\b(?:or|and)\b/y) !== undefined) skipAtom(cursor, depth);
}

function skipAtom(cursor: TextCursor, depth: number): void {
  cursor.skipBlanks();
  if (cursor.take(/\(/y) === undefined) {
    skipComparison(cursor);
  } else {
    skipMarker(cursor, depth + 1);
    cursor.expect(/\)/y, '")" at the end of the group');
  }
  cursor.skipBlanks();
}

function skipComparison(cursor: TextCursor): void {
  skipOperand(cursor);
  cursor.skipBlanks();
  cursor.expect(OPERATOR, 'a comparison: <=, <, !=, ==, >=, >, ~=, ===, in or not in');
  cursor.skipBlanks();
  skipOperand(cursor);
}

function skipOperand(cursor: TextCursor): void {
  if (cursor.take(VARIABLE) === undefined) cursor.expect(QUOTED, 'a marker variable or a quoted string');
}
