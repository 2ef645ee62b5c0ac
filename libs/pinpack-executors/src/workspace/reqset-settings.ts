// Reads reqset.json, the optional settings of a reqset.
import { join } from 'node:path';
import { checkInput, formatPath } from '@pinpack/common/format-issues';
import { encodingIssue, withoutMark } from '@pinpack/common/text-encoding';
import type { Layout, TargetEnvironment } from '@pinpack/python-dist';
import { hasUrlSecrets } from '@pinpack/common/redact';
import { PinpackError } from '../pinpack-error.js';
import type { RootSetting } from './root-setting.js';
import { LABELS, REQSET_SETTINGS, type WrittenBuild, type WrittenPython, type WrittenRecord } from './reqset-schema.js';
import { setsOf, splitSet, type CompressionSettings } from '@pinpack/rpm-packaging';
import { reqsetPaths } from './workspace-paths.js';
import { readIfThere } from './files.js';

/** The settings of a lock. */
export interface VariantSettings extends TargetEnvironment, CompressionSettings {
  /** Whether RPMs deliver compiled bytecode. */
  bytecode: boolean;
  /** How wheel RPMs contain their wheels. */
  layout: Layout;
  /** The Python that the RPMs bring along, as written. */
  bundled?: WrittenBundle;
  /** The system that wheels are built in; absent for the machine. */
  buildRoot?: RootSetting;
}

/** `bundle` and `keep` of the setting `python`. */
export type WrittenBundle = Pick<Exclude<WrittenPython, string>, 'bundle' | 'keep'>;

export interface ReqsetSettings extends VariantSettings {
  /** By label; absent without variants. Includes the inherited settings. */
  variants?: Record<string, VariantSettings>;
  /** How single pins are built, by name as written; the same for all variants. */
  build: Record<string, WrittenBuild>;
  /** Names of indexes by distribution or pattern; the same for all variants. */
  index?: Record<string, string>;
  /** What is done about a RECORD that differs from the wheel's files; the same for all variants. */
  record?: WrittenRecord;
  /** Groups of pins that may install the same paths, as written; the same for all variants. */
  overlaps?: string[][];
}

/**
 * The settings of one set: those of the reqset, overridden by those of the variant.
 *
 * @throws PinpackError `PINPACK_SETTINGS_INVALID` with every issue, `PINPACK_VARIANT_UNKNOWN`, `PINPACK_PYTHON_IN_ROOT`
 */
export function readSettings(root: string, set: string): ReqsetSettings {
  const { settings: file } = reqsetPaths(set);
  const { variant } = splitSet(set);
  const settings = parseSettings(readIfThere(join(root, file)) ?? '{}', file);
  const labels = Object.keys(settings.variants ?? {});
  const own = variant === undefined ? undefined : settings.variants?.[variant];
  const isThere = variant === undefined ? labels.length === 0 : own !== undefined;
  if (isThere) return checkCombination({ ...settings, ...own }, file);
  throw new PinpackError('PINPACK_VARIANT_UNKNOWN', file, [
    labels.length === 0 ? 'has no variants' : `has the variants ${labels.join(', ')}`,
    `expected ${variant ?? 'none'}, as in the project graph that Nx read. Run the target again.`,
  ]);
}

/** CPython is built on no machine of a developer: its libraries and compiler would decide what the servers need. */
function checkCombination(settings: ReqsetSettings, file: string): ReqsetSettings {
  const bundle = settings.bundled?.bundle;
  if (settings.buildRoot !== undefined || typeof bundle !== 'object' || !('source' in bundle)) return settings;
  throw new PinpackError('PINPACK_PYTHON_IN_ROOT', file, [
    '"bundle" in "python" names a source, and "build" has no "root", expected the system that CPython is built in',
    'Set "build": {"root": …} to an image, a folder or a recipe of the oldest system that you deploy to, with a C compiler, make and headers.',
  ]);
}

/**
 * The sets of a reqset. Reads only the labels of the variants, so that the graph can be inferred if another setting is wrong.
 *
 * @throws PinpackError `PINPACK_SETTINGS_INVALID`
 */
export function readSets(root: string, reqset: string): string[] {
  const { settings: file } = reqsetPaths(reqset);
  const text = readIfThere(join(root, file)) ?? '{}';
  return setsOf(reqset, parseLabels(text, file));
}

/** The pure part of `readSets`. @returns undefined if the reqset has no variants */
export function parseLabels(text: string, file: string): string[] | undefined {
  const { value, issues } = checkInput(LABELS, parseObject(text, file));
  if (value === undefined) throw new PinpackError('PINPACK_SETTINGS_INVALID', file, issues);
  return value.variants && Object.keys(value.variants);
}

/** The pure part of `readSettings`. */
export function parseSettings(text: string, file: string): ReqsetSettings {
  const input = parseObject(text, file);
  const { value, issues = [] } = checkInput(REQSET_SETTINGS, input);
  const all = [...issues, ...bytecodeIssues(input), ...secretIssues(text)];
  if (value === undefined || all.length > 0) throw new PinpackError('PINPACK_SETTINGS_INVALID', file, all);
  const { variants, build, index, record, overlaps, python, ...rest } = value;
  const { root, ...pins } = build;
  const common: VariantSettings & { $schema?: string | undefined } = {
    ...rest,
    ...splitPython(python),
    ...rootOf(root),
  };
  delete common.$schema;
  return {
    ...common,
    build: pins,
    ...(index !== undefined && { index }),
    ...(record !== undefined && { record }),
    ...(overlaps !== undefined && { overlaps }),
    ...(variants !== undefined && {
      variants: Object.fromEntries(
        Object.entries(variants).map(([label, { build: of, python: own, ...settings }]) => [
          label,
          { ...withoutPython(common, own), ...(settings as Partial<VariantSettings>), ...rootOf(of?.root) },
        ]),
      ),
    }),
  };
}

function splitPython(python: WrittenPython): Pick<VariantSettings, 'python' | 'bundled'> {
  if (typeof python === 'string') return { python };
  const { version, ...bundled } = python;
  return { python: version, bundled };
}

/** A variant's own Python replaces that of the reqset as a whole. */
function withoutPython(common: VariantSettings, own: WrittenPython | undefined): VariantSettings {
  if (own === undefined) return common;
  const settings = { ...common };
  delete settings.bundled;
  return { ...settings, ...splitPython(own) };
}

function rootOf(root: RootSetting | undefined): Pick<VariantSettings, 'buildRoot'> {
  return root === undefined ? {} : { buildRoot: root };
}

/** Whether a Python has hash-based bytecode depends on two settings, which a variant may inherit. */
function bytecodeIssues({ variants, ...common }: Record<string, unknown>): string[] {
  const merged: [path: string, settings: Record<string, unknown>][] = isObject(variants)
    ? Object.entries(variants).map(([label, own]) => [
        `${formatPath(['variants', label])}.`,
        { ...common, ...(isObject(own) && own) },
      ])
    : [['', common]];
  return merged.flatMap(([path, { bytecode, python: written }]) => {
    const python = isObject(written) ? written.version : written;
    return bytecode === true && typeof python === 'string' && /^(?:2|3\.[0-6])\./.test(python)
      ? [`${path}bytecode is true, expected false: Python ${python} has no hash-based bytecode (PEP 552)`]
      : [];
  });
}

/** reqset.json is committed, and the lock repeats the environment of builds. */
function secretIssues(text: string): string[] {
  return hasUrlSecrets(text)
    ? [
        'a URL has credentials, expected none: set them in the environment, in ~/.netrc or in the configuration of pip or uv',
      ]
    : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseObject(text: string, file: string): Record<string, unknown> {
  const value = parseJson(text, file);
  if (isObject(value)) return value;
  const found = `found ${JSON.stringify(value)}, expected an object such as {"python": "3.11.2"}`;
  throw new PinpackError('PINPACK_SETTINGS_INVALID', file, found);
}

function parseJson(text: string, file: string): unknown {
  const encoding = encodingIssue(text, file);
  if (encoding !== undefined) throw new PinpackError('PINPACK_SETTINGS_INVALID', file, encoding);
  try {
    return JSON.parse(withoutMark(text));
  } catch (cause) {
    // The text around the error may contain a part of a password.
    const reason = (cause as Error).message.replace(/(?:, )?(?:\.{3})?".*"(?:\.{3})? is not valid JSON/s, '');
    throw new PinpackError('PINPACK_SETTINGS_INVALID', file, [
      `is not JSON: ${reason}`,
      'Expected an object such as {"python": "3.11.2"}, without comments and without a comma after the last entry.',
    ]);
  }
}
