// Reads settings field by field and gathers every issue with its place, instead of stopping at the first. Wrong fields read as empty.

/** A table of settings. Every string is one line: it ends up in unit files and headers of RPMs. */
export class SettingsReader {
  constructor(
    private readonly fields: Record<string, unknown>,
    private readonly place: string,
    readonly issues: string[] = [],
  ) {}

  report(issue: string): void {
    this.issues.push(`${this.place} ${issue}`);
  }

  has(key: string): boolean {
    return this.fields[key] !== undefined;
  }

  isList(key: string): boolean {
    return Array.isArray(this.fields[key]);
  }

  onlyKeys(known: readonly string[]): void {
    for (const key of Object.keys(this.fields)) {
      if (!known.includes(key)) this.report(`${key} is not a setting, expected ${known.join(', ')}`);
    }
  }

  required(key: string): string {
    if (!this.has(key)) this.report(`${key} is missing, expected text`);
    return this.optional(key) ?? '';
  }

  optional(key: string, pattern = /^/, expected = 'text on one line'): string | undefined {
    const value = this.fields[key];
    if (value === undefined || (isLine(value) && pattern.test(value))) return value;
    this.wrong(key, expected);
    return undefined;
  }

  oneOf<Value extends string>(key: string, values: readonly Value[]): Value | undefined {
    const value = this.fields[key];
    const found = values.find((candidate) => candidate === value);
    if (value !== undefined && found === undefined) this.wrong(key, values.join(' or '));
    return found;
  }

  integer(key: string, { from, to, otherwise }: { from: number; to: number; otherwise?: number }): number {
    const value = this.fields[key] ?? otherwise;
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
    this.wrong(key, `a whole number from ${from} to ${to}`);
    return from;
  }

  strings(key: string): string[] {
    const value = this.fields[key] ?? [];
    if (Array.isArray(value) && value.every(isLine)) return value;
    this.wrong(key, 'a list of texts, each on one line');
    return [];
  }

  /** A command line: a list that isn't empty. */
  words(key: string): string[] {
    const words = this.strings(key);
    if (words.length === 0 && (!this.has(key) || (this.fields[key] as unknown[]).length === 0))
      this.wrong(key, 'a command and its arguments');
    return words;
  }

  /** A table of texts. */
  texts(key: string): Record<string, string> {
    const value = this.fields[key] ?? {};
    if (isTable(value) && Object.entries(value).flat().every(isLine)) return value as Record<string, string>;
    this.wrong(key, 'a table of texts, each on one line');
    return {};
  }

  table(key: string): SettingsReader | undefined {
    const value = this.fields[key];
    if (value === undefined) return undefined;
    if (!isTable(value)) this.wrong(key, 'a table');
    return new SettingsReader(isTable(value) ? value : {}, `${this.place} ${key}`, this.issues);
  }

  private wrong(key: string, expected: string): void {
    const value = this.fields[key];
    this.report(
      value === undefined
        ? `${key} is missing, expected ${expected}`
        : `${key} is ${JSON.stringify(value)}, expected ${expected}`,
    );
  }
}

function isLine(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !/[\u0000-\u001f\u007f]|\p{Surrogate}/u.test(value);
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
