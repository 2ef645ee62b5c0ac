/** The plugin brings the uv that this repository uses. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

function uvOf(file: string): string {
  const text = readFileSync(`${ROOT}${file}`, 'utf8');
  return /^uv==(?:.*\\\n)*.*$/m.exec(text)?.[0] ?? `${file} has no uv`;
}

test('uv.txt of the plugin and tools/python-tools.txt name the same uv, with the same hashes', () => {
  expect(uvOf('libs/pinpack-executors/uv.txt')).toBe(uvOf('tools/python-tools.txt'));
  expect(uvOf('libs/pinpack-executors/uv.txt')).toMatch(/--hash=sha256:/);
});
