// Checks untrusted input with a zod schema and formats its issues as `<path> is <found>, expected <expected>`.
// The expectation is the schema's own error text, else its description (`.describe()`), else what its kind suggests.
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;
type Path = readonly PropertyKey[];

/** Either the parsed value, or every issue of the input. */
export type Checked<Value> = { value: Value; issues?: never } | { value?: never; issues: string[] };

const LONGEST_VALUE = 100;
const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** Parses a value that somebody else wrote. The messages have no subject: the caller puts the file or the option's place before them. */
export function checkInput<Schema extends z.ZodType>(schema: Schema, input: unknown): Checked<z.output<Schema>> {
  const result = schema.safeParse(input, { error: describeExpectation });
  return result.success ? { value: result.data } : { issues: formatIssues(result.error.issues, input) };
}

/** One line for each issue, in the order of the schema's fields. A value that fails several checks of one schema has one line. */
export function formatIssues(issues: readonly Issue[], input: unknown): string[] {
  return [...new Set(issues.flatMap((issue) => formatIssue(issue, issue.path, input)))];
}

/** Error map for `safeParse`: what the schema expects where it has no error text of its own. */
export function describeExpectation(issue: RawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') {
    const shape = (issue.inst as { shape?: object } | undefined)?.shape;
    return shape === undefined ? 'no such setting' : Object.keys(shape).join(', ');
  }
  const described = descriptionOf(issue.schema) ?? descriptionOf(issue.inst);
  if (described !== undefined) return described;
  if (issue.code === 'invalid_type') return KINDS[issue.expected] ?? issue.expected;
  return issue.code === 'invalid_value' ? issue.values.map(String).join(' or ') : undefined;
}

function descriptionOf(schema: unknown): string | undefined {
  return (schema as { description?: string } | undefined)?.description;
}

function formatIssue(issue: Issue, path: Path, input: unknown): string[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => `${formatPath([...path, key])} is not a setting, ${suggest(key, issue.message)}`);
    case 'invalid_key': {
      const key = JSON.stringify(String(path.at(-1)));
      const [cause] = issue.issues;
      return [
        `${subject(path.slice(0, -1), 'the input')} has the key ${key}, expected ${cause?.message ?? issue.message}`,
      ];
    }
    case 'invalid_union': {
      // The alternative that fits the input best is the only one that accepts its type.
      const [fitting, ...others] = issue.errors.filter((nested) => nested.every((one) => one.path.length > 0));
      if (fitting === undefined || others.length > 0) return [formatFound(path, input, issue.message)];
      return fitting.flatMap((nested) => formatIssue(nested, [...path, ...nested.path], input));
    }
    default:
      return [formatFound(path, input, issue.message)];
  }
}

/** @param known - the names of settings, separated by commas */
function suggest(key: string, known: string): string {
  const nearest = nearestName(key, known.split(', '));
  return nearest === undefined ? `expected ${known}` : `did you mean ${nearest}? Known: ${known}`;
}

/** The known name that a misspelt one probably means; undefined if none is similar. */
export function nearestName(misspelt: string, known: readonly string[]): string | undefined {
  const distances = known.map((name) => ({ name, distance: editDistance(misspelt, name) }));
  const [nearest] = distances.sort((one, other) => one.distance - other.distance);
  const isNear = nearest !== undefined && nearest.distance <= Math.max(1, Math.floor(nearest.name.length / 3));
  return isNear ? nearest.name : undefined;
}

/** Levenshtein distance, in which two swapped neighbours count as 1. */
function editDistance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      current.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (isSame ? 0 : 1),
          isSwapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(one.length, other.length);
}

function formatFound(path: Path, input: unknown, expected: string): string {
  const found = valueAt(path, input);
  if (found === undefined) return `${subject(path, 'the input')} is missing, expected ${expected}`;
  return `${subject(path, 'the input')} is ${formatValue(found)}, expected ${expected}`;
}

function subject(path: Path, root: string): string {
  return path.length === 0 ? root : formatPath(path);
}

/** `smoke.http.port`, `ports[0]`, `env."A B"` */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    const name = /^[\w-]+$/.test(String(key)) ? String(key) : JSON.stringify(String(key));
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

function valueAt(path: Path, input: unknown): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
}

function formatValue(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)) as
    string | undefined;
  if (text === undefined) return `a ${typeof value}`;
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}
