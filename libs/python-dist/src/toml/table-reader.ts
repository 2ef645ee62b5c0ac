// Reads a parsed TOML table field by field and collects all issues, each with the path of the field.
import type { TomlTable, TomlValue } from 'smol-toml';

export function asTable(value: TomlValue | undefined): TomlTable | undefined {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date) ? value : undefined;
}

export function asStrings(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

/** A table, its path, and the issues of the whole document. A missing or invalid field is reported and reads as an empty value. */
export class TableReader {
  constructor(
    private readonly fields: TomlTable,
    private place = '',
    readonly issues: string[] = [],
  ) {}

  /** Uses the package's name as the table's path in later messages. */
  name(name: string): void {
    if (name !== '') this.place = name;
  }

  report(issue: string): void {
    this.issues.push(this.place === '' ? issue : `${this.place}: ${issue}`);
  }

  has(key: string): boolean {
    return key in this.fields;
  }

  keys(): string[] {
    return Object.keys(this.fields);
  }

  string(key: string): string {
    const value = this.fields[key];
    if (typeof value === 'string' && value !== '') return value;
    this.reportMissing(key, 'a string', value);
    return '';
  }

  positiveInteger(key: string): number {
    const value = this.fields[key];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    this.reportMissing(key, 'a positive whole number', value);
    return 0;
  }

  optionalBoolean(key: string): boolean {
    const value = this.fields[key] ?? false;
    if (typeof value === 'boolean') return value;
    this.reportMissing(key, 'true or false', value);
    return false;
  }

  optionalString(key: string): string | undefined {
    return this.has(key) ? this.string(key) : undefined;
  }

  optionalStrings(key: string): string[] {
    const value = this.fields[key] ?? [];
    const found = asStrings(value);
    if (found === undefined) this.reportMissing(key, 'a list of strings', value);
    return found ?? [];
  }

  optionalStringLists(key: string): string[][] {
    const value = this.fields[key] ?? [];
    const lists = Array.isArray(value) ? value.map(asStrings) : [undefined];
    if (lists.includes(undefined)) this.reportMissing(key, 'a list of lists of strings', value);
    return lists.map((list) => list ?? []);
  }

  /** A table of strings, such as environment variables. */
  optionalStringTable(key: string): Record<string, string> {
    const table = this.optionalStringsTable(key);
    const wrong = Object.entries(table).filter(([, value]) => typeof value !== 'string');
    for (const [name, value] of wrong) this.reportMissing(`${key} ${name}`, 'a string', value);
    return Object.fromEntries(
      Object.entries(table).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    );
  }

  /** A table whose values are strings or lists of strings. */
  optionalStringsTable(key: string): Record<string, string | string[]> {
    const value = this.fields[key] ?? {};
    const table = asTable(value);
    if (table === undefined) this.reportMissing(key, 'a table', value);
    const found: Record<string, string | string[]> = {};
    for (const [name, item] of Object.entries(table ?? {})) {
      if (typeof item === 'string') found[name] = item;
      else if (Array.isArray(item) && item.every((text) => typeof text === 'string')) found[name] = item;
      else this.reportMissing(`${key} ${name}`, 'a string or a list of strings', item);
    }
    return found;
  }

  optionalTable(key: string): TableReader {
    return this.has(key) ? this.table(key) : new TableReader({}, this.inside(key), this.issues);
  }

  table(key: string): TableReader {
    const value = asTable(this.fields[key]);
    if (value === undefined) this.reportMissing(key, 'a table', this.fields[key]);
    return new TableReader(value ?? {}, this.inside(key), value === undefined ? [] : this.issues);
  }

  tables(key: string): TableReader[] {
    if (!this.has(key)) this.reportMissing(key, 'a list of tables', undefined);
    return this.optionalTables(key);
  }

  optionalTables(key: string): TableReader[] {
    const value = this.fields[key] ?? [];
    const tables = Array.isArray(value) ? value.map(asTable) : [undefined];
    if (tables.includes(undefined)) this.reportMissing(key, 'a list of tables', value);
    return tables.map((table, index) => new TableReader(table ?? {}, `${this.inside(key)}[${index}]`, this.issues));
  }

  private inside(key: string): string {
    return this.place === '' ? key : `${this.place} ${key}`;
  }

  private reportMissing(key: string, expected: string, found: TomlValue | undefined): void {
    this.report(
      found === undefined
        ? `${key} is missing, expected ${expected}`
        : `${key} is ${JSON.stringify(found)}, expected ${expected}`,
    );
  }
}
