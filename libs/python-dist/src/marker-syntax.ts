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

/** Moves the cursor past a marker and the blanks around it. Throws where the grammar is violated. */
export function skipMarker(cursor: TextCursor): void {
  skipAtom(cursor);
  while (cursor.take(/\b(?:or|and)\b/y) !== undefined) skipAtom(cursor);
}

function skipAtom(cursor: TextCursor): void {
  cursor.skipBlanks();
  if (cursor.take(/\(/y) === undefined) {
    skipComparison(cursor);
  } else {
    skipMarker(cursor);
    cursor.expect(/\)/y, '")" that closes the group');
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
  if (cursor.take(VARIABLE) === undefined) cursor.expect(QUOTED, 'a marker variable or a quoted text');
}
