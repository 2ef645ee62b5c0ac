import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { asTable, TableReader } from './table-reader.js';

function readerOf(text: string): TableReader {
  return new TableReader(asTable(parse(text)) ?? {});
}

describe('TableReader', () => {
  test('reads valid fields without issues', () => {
    const reader = readerOf('a = "x"\nn = 3\nlist = ["p", "q"]\n[t]\nb = "y"\n[[rows]]\nc = "z"');
    expect(reader.string('a')).toBe('x');
    expect(reader.positiveInteger('n')).toBe(3);
    expect(reader.optionalStrings('list')).toEqual(['p', 'q']);
    expect(reader.optionalStrings('absent')).toEqual([]);
    expect(reader.table('t').string('b')).toBe('y');
    expect(reader.tables('rows').map((row) => row.string('c'))).toEqual(['z']);
    expect(reader.optionalTables('absent')).toEqual([]);
    expect(reader.issues).toEqual([]);
  });

  test('reads invalid fields as empty values, and collects all issues with their paths', () => {
    const reader = readerOf('a = 1\nn = -1\nlist = ["p", 2]\nt = 1979-05-27\nrows = [{}, 3]');
    expect([reader.string('a'), reader.positiveInteger('n'), reader.optionalStrings('list')]).toEqual(['', 0, []]);
    expect(reader.table('t').string('deep')).toBe('');
    for (const row of reader.tables('rows')) row.string('c');
    expect(reader.tables('gone')).toEqual([]);
    expect(reader.issues).toEqual([
      'a is 1, expected a string',
      'n is -1, expected a positive whole number',
      'list is ["p",2], expected a list of strings',
      't is "1979-05-27", expected a table',
      'rows is [{},3], expected a list of tables',
      'rows[0]: c is missing, expected a string',
      'rows[1]: c is missing, expected a string',
      'gone is missing, expected a list of tables',
    ]);
  });

  test('uses the name of a table in messages', () => {
    const reader = readerOf('[[packages]]\nname = "six"\n[packages.tool]\n');
    const [row] = reader.tables('packages');
    row?.name(row.string('name'));
    row?.table('tool').string('release');
    expect(reader.issues).toEqual(['six tool: release is missing, expected a string']);
  });
});
