// reqset.json: the optional settings of a reqset (schemas/reqset.schema.json).
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetEnvironment } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { reqsetPlace } from './place.js';

const DEFAULTS: TargetEnvironment = { python: '3.11.2', platform: 'manylinux_2_28_x86_64' };
const KNOWN = new Set(['$schema', 'python', 'platform']);

/** @throws PinpackError `PINPACK_SETTINGS_INVALID` with every issue */
export async function readSettings(root: string, reqset: string): Promise<TargetEnvironment> {
  const file = `${reqsetPlace(reqset).folder}/reqset.json`;
  const text = await readFile(join(root, file), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw error;
  });
  return parseSettings(text, file);
}

/** The pure part of `readSettings`. */
export function parseSettings(text: string, file: string): TargetEnvironment {
  const settings = { ...DEFAULTS, ...parseObject(text, file) };
  const issues = Object.keys(settings)
    .filter((key) => !KNOWN.has(key))
    .map((key) => `"${key}" is not a setting, expected ${[...KNOWN].slice(1).join(' or ')}`);
  if (!/^3\.\d+\.\d+$/.test(settings.python)) {
    issues.push(
      `"python" is ${JSON.stringify(settings.python)}, expected a full version such as 3.11.2: the patch version decides some markers`,
    );
  }
  if (!/^(?:manylinux_\d+_\d+|manylinux(?:1|2010|2014))_(?:x86_64|aarch64)$/.test(settings.platform)) {
    issues.push(
      `"platform" is ${JSON.stringify(settings.platform)}, expected a platform tag such as manylinux_2_28_x86_64`,
    );
  }
  if (issues.length > 0) throw new PinpackError('PINPACK_SETTINGS_INVALID', file, issues);
  return { python: settings.python, platform: settings.platform };
}

function parseObject(text: string, file: string): object {
  try {
    return JSON.parse(text) as object;
  } catch (cause) {
    throw new PinpackError('PINPACK_SETTINGS_INVALID', file, cause instanceof Error ? cause.message : 'not JSON', {
      cause,
    });
  }
}
