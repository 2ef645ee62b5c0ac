// The target's Python as the build put it into the plugin.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const RUNTIME_SOURCE = fileURLToPath(new URL('../../dist/runtime', import.meta.url));

/** The version of pinpack-runtime and its date: `0.1.0`, `2026-11-26`. */
export async function readRuntimeFacts(): Promise<{ version: string; date: string }> {
  const text = await readFile(join(RUNTIME_SOURCE, 'pinpack_runtime/__init__.py'), 'utf8');
  const constant = (name: string): string => new RegExp(`^${name} = "([^"]+)"$`, 'm').exec(text)?.[1] ?? '';
  return { version: constant('__version__'), date: constant('__date__') };
}

export async function readRuntimeVersion(): Promise<string> {
  return (await readRuntimeFacts()).version;
}
