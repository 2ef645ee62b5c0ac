// The target's Python as the build put it into the plugin.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const RUNTIME_SOURCE = fileURLToPath(new URL('../../dist/runtime', import.meta.url));

/** The version of pinpack-runtime: `0.1.0`. */
export async function readRuntimeVersion(): Promise<string> {
  const text = await readFile(join(RUNTIME_SOURCE, 'pinpack_runtime/__init__.py'), 'utf8');
  return /^__version__ = "([^"]+)"$/m.exec(text)?.[1] ?? '';
}
