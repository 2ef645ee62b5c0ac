/** Formats docs/reference.md from the JSON Schemas of targets, generators and configuration files. */
export interface Schema {
  title?: string;
  type?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  $ref?: string;
  pattern?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  additionalProperties?: boolean | Schema;
  $defs?: Record<string, Schema>;
}

export interface Section {
  title: string;
  /** In Markdown. */
  intro?: string;
  schema: Schema;
  /** Properties that Nx or the graph sets. */
  without?: readonly string[];
  /** `--` for options of the command line. */
  prefix?: string;
}

export interface Chapter {
  title: string;
  intro: string;
  sections: readonly Section[];
}

export function formatReference(chapters: readonly Chapter[]): string {
  const parts = chapters.flatMap(({ title, intro, sections }) => [
    `## ${title}`,
    intro,
    ...sections.flatMap(formatSection),
  ]);
  return `${['# Reference', HEADER, ...parts].join('\n\n')}\n`;
}

const HEADER =
  'Generated from the JSON Schemas by `npm run docs`: a test fails if this page is older than they are. `npx nx g pinpack:<generator> --help` and the editor show the same texts.';

function formatSection({ title, intro, schema, without = [], prefix = '' }: Section): string[] {
  const rows = rowsOf(schema, { root: schema, path: '', prefix }).filter(({ name }) => !without.includes(name));
  const text = intro ?? schema.description;
  return [
    `### ${title}`,
    ...(text === undefined ? [] : [sentence(text)]),
    ...(rows.length === 0 ? [] : [tableOf(rows)]),
  ];
}

interface Row {
  name: string;
  shown: string;
  type: string;
  meaning: string;
}

interface Place {
  root: Schema;
  path: string;
  prefix: string;
}

/** Nested settings are named by their path. */
function rowsOf(schema: Schema, { root, path, prefix }: Place): Row[] {
  const entries = Object.entries(schema.properties ?? {}).filter(([name]) => name !== '$schema');
  return entries.flatMap(([name, written]) => {
    const one = resolve(written, root);
    const full = `${path}${name}`;
    const isRequired = schema.required?.includes(name) === true && one.default === undefined;
    const row = {
      name: full,
      shown: prefix === '' ? full : `${prefix}${kebabCase(full)}`,
      type: typeOf(one, root),
      meaning: meaningOf(one, isRequired),
    };
    const inner = one.properties !== undefined ? one : one.items && resolve(one.items, root);
    const step = one.properties !== undefined ? '.' : '[].';
    return [row, ...(inner?.properties === undefined ? [] : rowsOf(inner, { root, path: `${full}${step}`, prefix }))];
  });
}

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function resolve(schema: Schema, root: Schema): Schema {
  const [, name] = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(schema.$ref ?? '') ?? [];
  const target = name === undefined ? undefined : root.$defs?.[name];
  return target === undefined ? schema : { ...target, ...schema };
}

function typeOf(schema: Schema, root: Schema): string {
  const { const: constant, enum: values, items, type, additionalProperties } = schema;
  if (constant !== undefined) return code(constant);
  if (values !== undefined) return values.map(code).join(', ');
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return [...new Set(choices.map((one) => typeOf(resolve(one, root), root)))].join(' or ');
  if (type === 'array') return `list of ${items === undefined ? 'values' : typeOf(resolve(items, root), root)}`;
  if (type === 'object' && typeof additionalProperties === 'object')
    return `table of ${typeOf(resolve(additionalProperties, root), root)}`;
  return type ?? 'any';
}

function meaningOf({ description = '', default: value }: Schema, isRequired: boolean): string {
  const notes = [
    ...(description === '' ? [] : [sentence(description)]),
    ...(value === undefined || typeof value === 'object' ? [] : [`Default: ${code(value)}.`]),
    ...(isRequired ? ['Required.'] : []),
  ];
  return notes.join(' ');
}

function sentence(text: string): string {
  return /[.:…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`;
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function tableOf(rows: readonly Row[]): string {
  const cell = (text: string): string =>
    text
      .replaceAll('|', '\\|')
      .replaceAll('\n', ' ')
      .replaceAll(/<(?=\w)/g, '\\<');
  const lines = rows.map(({ shown, type, meaning }) => `| \`${shown}\` | ${cell(type)} | ${cell(meaning)} |`);
  return ['| name | type | meaning |', '| --- | --- | --- |', ...lines].join('\n');
}
