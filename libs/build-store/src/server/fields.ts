// Reads fields out of parsed JSON, and gathers every problem before anything is refused. Pure.

type Json = Record<string, unknown>;

export class Fields {
  private constructor(
    private readonly values: Json,
    /** `tokens[2]`, empty for the whole. */
    private readonly place: string,
    /** Shared by all fields of one document. */
    readonly problems: string[],
    known: readonly string[],
  ) {
    for (const name of Object.keys(values).filter((name) => !known.includes(name))) {
      this.problems.push(`"${this.placeOf(name)}" is no setting, expected ${listOf(known)}`);
    }
  }

  /** @param known - names that the object may have */
  static of(value: unknown, known: readonly string[], place = '', problems: string[] = []): Fields {
    if (isObject(value)) return new Fields(value, place, problems, known);
    problems.push(`${place === '' ? 'the whole' : `"${place}"`} is ${show(value)}, expected an object`);
    return new Fields({}, place, problems, known);
  }

  has(name: string): boolean {
    return this.values[name] !== undefined;
  }

  problem(name: string, expected: string, isSecret = false): void {
    const found = isSecret ? '' : ` is ${show(this.values[name])},`;
    this.problems.push(`"${this.placeOf(name)}"${found} expected ${expected}`);
  }

  text(name: string, pattern: RegExp, expected: string): string {
    const text = this.optionalText(name, pattern, expected);
    if (text === undefined && !this.has(name)) this.problem(name, expected);
    return text ?? '';
  }

  optionalText(name: string, pattern: RegExp, expected: string): string | undefined {
    const value = this.values[name];
    if (value === undefined) return undefined;
    if (typeof value === 'string' && pattern.test(value)) return value;
    this.problem(name, expected);
    return undefined;
  }

  choice<T extends string>(name: string, choices: readonly T[], byDefault?: T): T | undefined {
    const value = this.values[name] ?? byDefault;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) this.problem(name, listOf(choices));
    return found;
  }

  integer(name: string, from: number, to: number, byDefault: number): number {
    const value = this.values[name] ?? byDefault;
    if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) return value;
    this.problem(name, `a whole number from ${from} to ${to}`);
    return byDefault;
  }

  /** A text, or a list of texts. */
  texts(name: string, pattern: RegExp, expected: string): string[] {
    const value = this.values[name] ?? [];
    const texts: unknown[] = Array.isArray(value) ? value : [value];
    const good = texts.filter((text): text is string => typeof text === 'string' && pattern.test(text));
    if (good.length < texts.length) this.problem(name, expected);
    return good;
  }

  fields(name: string, known: readonly string[]): Fields {
    return Fields.of(this.values[name] ?? {}, known, this.placeOf(name), this.problems);
  }

  list(name: string, known: readonly string[]): Fields[] {
    const value = this.values[name] ?? [];
    if (!Array.isArray(value)) this.problem(name, 'a list');
    const items: unknown[] = Array.isArray(value) ? value : [];
    return items.map((item, index) => Fields.of(item, known, `${this.placeOf(name)}[${index}]`, this.problems));
  }

  /** An object of any names, each with a text or a list of texts. */
  textsByName(name: string, expected: string): Record<string, string[]> {
    const value = this.values[name] ?? {};
    if (!isObject(value)) this.problem(name, expected);
    const inside = Fields.of(isObject(value) ? value : {}, Object.keys(value), this.placeOf(name), this.problems);
    return Object.fromEntries(Object.keys(inside.values).map((key) => [key, inside.texts(key, /./s, expected)]));
  }

  private placeOf(name: string): string {
    return this.place === '' ? name : `${this.place}.${name}`;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}
