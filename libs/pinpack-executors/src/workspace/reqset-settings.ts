// reqset.json: the optional settings of a reqset (schemas/reqset.schema.json).
import { join } from 'node:path';
import { isLayout, LAYOUTS, type Layout, type TargetEnvironment } from '@pinpack/python-dist';
import { expectedCompression } from '@pinpack/rpm-gen';
import { PinpackError } from '../pinpack-error.js';
import { buildIssues, type WrittenBuild } from './build-settings.js';
import { expectedFleet, setsOf, splitSet, type CompressionSettings } from '@pinpack/rpm-packaging';
import { reqsetPaths } from './workspace-paths.js';
import { readIfThere } from './read-lock.js';

/** What a lock is made for. */
export interface VariantSettings extends TargetEnvironment, CompressionSettings {
  /** Whether compiled bytecode is delivered beside the wheels' files. */
  bytecode: boolean;
  /** How wheel RPMs carry their wheels. */
  layout: Layout;
}

export interface ReqsetSettings extends VariantSettings {
  /** By label; absent where the reqset has none. Each has what the reqset says for all of them, where it says nothing itself. */
  variants?: Record<string, VariantSettings>;
  /** How single pins are built, by name as written; the same for all variants. */
  build: Record<string, WrittenBuild>;
}

const DEFAULTS: VariantSettings = {
  python: '3.11.2',
  platform: 'manylinux_2_28_x86_64',
  bytecode: false,
  layout: 'tree',
};
const VARIANT_KEYS = ['python', 'platform', 'bytecode', 'layout', 'fleet', 'compression'];
const KEYS = [...VARIANT_KEYS, 'variants', 'build'];

const MUSL = '; systems with musl (Alpine) have no rpm';

/** A part of RPM names, of folders and of `pylock.<label>.toml`, whose name PEP 751 allows no dot. */
const LABEL = /^[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/;

/**
 * The settings of one set, where a variant has its own.
 *
 * @throws PinpackError `PINPACK_SETTINGS_INVALID` with every issue, `PINPACK_VARIANT_UNKNOWN`
 */
export function readSettings(root: string, set: string): ReqsetSettings {
  const { settings: file } = reqsetPaths(set);
  const { variant } = splitSet(set);
  const settings = parseSettings(readIfThere(join(root, file)) ?? '{}', file);
  const labels = Object.keys(settings.variants ?? {});
  const own = variant === undefined ? undefined : settings.variants?.[variant];
  const isThere = variant === undefined ? labels.length === 0 : own !== undefined;
  if (isThere) return { ...settings, ...own };
  throw new PinpackError('PINPACK_VARIANT_UNKNOWN', file, [
    labels.length === 0 ? 'has no variants' : `has the variants ${labels.join(', ')}`,
    `expected ${variant ?? 'none'}, as its projects had when Nx read the graph. Run again.`,
  ]);
}

/**
 * The sets of a reqset. Reads no more of its settings than their labels: the graph is there where another setting is wrong.
 *
 * @throws PinpackError `PINPACK_SETTINGS_INVALID`
 */
export function readSets(root: string, reqset: string): string[] {
  const { settings: file } = reqsetPaths(reqset);
  const text = readIfThere(join(root, file)) ?? '{}';
  return setsOf(reqset, parseLabels(text, file));
}

/** The pure part of `readSets`. @returns undefined where the reqset has no variants */
export function parseLabels(text: string, file: string): string[] | undefined {
  const { variants } = parseObject(text, file) as { variants?: unknown };
  const issues = variants === undefined ? [] : variantIssues(variants);
  if (issues.length > 0) throw new PinpackError('PINPACK_SETTINGS_INVALID', file, issues);
  return variants === undefined ? undefined : Object.keys(variants as object);
}

/** The pure part of `readSettings`. */
export function parseSettings(text: string, file: string): ReqsetSettings {
  const { variants, build = {}, ...fields } = parseObject(text, file) as Record<string, unknown>;
  const issues = keyIssues(fields, ['$schema', ...KEYS], '');
  const common = parseVariant(fields, DEFAULTS, '', issues);
  if (variants !== undefined) issues.push(...variantIssues(variants));
  issues.push(...buildIssues(build));
  const parsed = Object.entries(isObject(variants) ? variants : {}).flatMap(([label, own]) => {
    if (!isObject(own)) return [];
    issues.push(...keyIssues(own, VARIANT_KEYS, `variant ${label}: `));
    return [[label, parseVariant(own, common, `variant ${label}: `, issues)] as const];
  });
  if (issues.length > 0) throw new PinpackError('PINPACK_SETTINGS_INVALID', file, issues);
  const builds = build as ReqsetSettings['build'];
  return { ...common, build: builds, ...(variants !== undefined && { variants: Object.fromEntries(parsed) }) };
}

function keyIssues(fields: object, known: readonly string[], place: string): string[] {
  const names = known.filter((key) => key !== '$schema');
  const expected = `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
  return Object.keys(fields)
    .filter((key) => !known.includes(key))
    .map((key) => `${place}"${key}" is not a setting, expected ${expected}`);
}

function parseVariant(
  fields: Record<string, unknown>,
  defaults: VariantSettings,
  place: string,
  issues: string[],
): VariantSettings {
  const { python = defaults.python, platform = defaults.platform } = fields;
  const { bytecode = defaults.bytecode, layout = defaults.layout } = fields;
  const report = (key: string, expected: string): void => {
    issues.push(`${place}"${key}" is ${JSON.stringify(fields[key])}, expected ${expected}`);
  };
  if (!isLike(python, /^(?:2\.7|3\.\d+)\.\d+$/))
    report('python', 'a full version such as 3.11.2: the patch version decides some markers');
  if (!isLike(platform, /^(?:manylinux_2_\d+|manylinux(?:1|2010|2014))_(?:x86_64|aarch64)$/))
    report('platform', `a platform tag such as manylinux_2_28_x86_64${isLike(platform, /^musllinux/) ? MUSL : ''}`);
  if (typeof bytecode !== 'boolean') report('bytecode', 'true or false');
  if (!isLayout(layout)) report('layout', LAYOUTS.map((known) => `"${known}"`).join(' or '));
  if (bytecode === true && isLike(python, /^(?:2|3\.[0-6])\./))
    issues.push(
      `${place}"bytecode" is true, expected false: Python ${String(python)} has no hash-based bytecode (PEP 552)`,
    );
  return {
    python: String(python),
    platform: String(platform),
    bytecode: bytecode === true,
    layout: isLayout(layout) ? layout : defaults.layout,
    ...parseCompressionSettings(fields, defaults, report),
  };
}

function parseCompressionSettings(
  fields: Record<string, unknown>,
  defaults: CompressionSettings,
  report: (key: string, expected: string) => void,
): CompressionSettings {
  const parse = (key: keyof CompressionSettings, expectedOf: (value: string) => string | undefined) => {
    const value = fields[key];
    if (value === undefined) return defaults[key];
    const text = typeof value === 'string' ? value : '';
    const expected = expectedOf(text);
    if (expected !== undefined) report(key, expected);
    return text;
  };
  return { fleet: parse('fleet', expectedFleet), compression: parse('compression', expectedCompression) };
}

function variantIssues(variants: unknown): string[] {
  if (!isObject(variants) || Object.keys(variants).length === 0) {
    return [
      `"variants" is ${JSON.stringify(variants)}, expected at least one, as in {"py311": {"python": "3.11.2"}}; without variants leave it out`,
    ];
  }
  return Object.entries(variants).flatMap(([label, own]) => [
    ...labelIssues(label),
    ...(isObject(own) ? [] : [`variant ${label} is ${JSON.stringify(own)}, expected its settings, or {}`]),
  ]);
}

function labelIssues(label: string): string[] {
  if (!LABEL.test(label))
    return [
      `"${label}" is no label of a variant, expected letters and digits, with - or _ between them, such as py311-el9`,
    ];
  if (/^wheel(?:-|$)/.test(label))
    return [`the variant ${label} would be taken for a wheel in names of RPMs. Choose another label.`];
  return [];
}

function isLike(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(text: string, file: string): object {
  const value = parseJson(text, file);
  if (isObject(value)) return value;
  throw new PinpackError(
    'PINPACK_SETTINGS_INVALID',
    file,
    `found ${JSON.stringify(value)}, expected an object such as {"python": "3.11.2"}`,
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PinpackError('PINPACK_SETTINGS_INVALID', file, cause instanceof Error ? cause.message : 'not JSON', {
      cause,
    });
  }
}
