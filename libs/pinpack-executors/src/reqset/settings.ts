// reqset.json: the optional settings of a reqset (schemas/reqset.schema.json).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetEnvironment } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { reqsetPlace } from './place.js';

export interface ReqsetSettings extends TargetEnvironment {
  /** Whether wheel RPMs carry compiled bytecode. */
  bytecode: boolean;
}

const DEFAULTS: ReqsetSettings = { python: '3.11.2', platform: 'manylinux_2_28_x86_64', bytecode: false };
const KNOWN = ['python', 'platform', 'bytecode'];

/** @throws PinpackError `PINPACK_SETTINGS_INVALID` with every issue */
export async function readSettings(root: string, reqset: string): Promise<ReqsetSettings> {
  const file = `${reqsetPlace(reqset).folder}/reqset.json`;
  const text = await readFile(join(root, file), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw error;
  });
  return parseSettings(text, file);
}

/** The pure part of `readSettings`. */
export function parseSettings(text: string, file: string): ReqsetSettings {
  const settings: Record<string, unknown> = { ...DEFAULTS, ...parseObject(text, file) };
  const { python, platform, bytecode } = settings;
  const issues = Object.keys(settings)
    .filter((key) => key !== '$schema' && !KNOWN.includes(key))
    .map((key) => `"${key}" is not a setting, expected ${KNOWN.slice(0, -1).join(', ')} or ${KNOWN.at(-1) ?? ''}`);
  if (!isLike(python, /^3\.\d+\.\d+$/)) {
    issues.push(
      `"python" is ${JSON.stringify(python)}, expected a full version such as 3.11.2: the patch version decides some markers`,
    );
  }
  if (!isLike(platform, /^(?:manylinux_\d+_\d+|manylinux(?:1|2010|2014))_(?:x86_64|aarch64)$/)) {
    issues.push(`"platform" is ${JSON.stringify(platform)}, expected a platform tag such as manylinux_2_28_x86_64`);
  }
  if (typeof bytecode !== 'boolean') issues.push(`"bytecode" is ${JSON.stringify(bytecode)}, expected true or false`);
  if (issues.length > 0) throw new PinpackError('PINPACK_SETTINGS_INVALID', file, issues);
  return { python: String(python), platform: String(platform), bytecode: bytecode === true };
}

function isLike(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function parseObject(text: string, file: string): object {
  const value = parseJson(text, file);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
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
