import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compressionOf, lockedCompression } from './compression.js';
import { parseSettings } from './settings.js';

test.each([
  [{}, undefined],
  [{ compression: 'zstd:3' }, undefined],
  [{ compression: 'none' }, 'none'],
  [{ fleet: 'el8' }, 'xz:2'],
  [{ fleet: 'el9' }, 'xz:2'],
  [{ fleet: 'suse' }, 'xz:2'],
  [{ fleet: 'el10' }, 'zstd:19'],
  [{ fleet: 'fedora' }, 'zstd:19'],
  [{ fleet: 'fedora', compression: 'xz:6' }, 'xz:6'],
  [{ fleet: 'el9', compression: 'zstd:3' }, undefined],
])('%j is %j in the lock', (settings, expected) => {
  expect(lockedCompression(settings)).toBe(expected);
});

test('is what the lock says, or as it always was', () => {
  expect(compressionOf({})).toEqual({ kind: 'zstd', level: 3 });
  expect(compressionOf({ compression: 'none' })).toEqual({ kind: 'none' });
  expect(() => compressionOf({ compression: 'xz:9' })).toThrow(
    expect.objectContaining({ code: 'RPM_COMPRESSION_INVALID' }),
  );
});

/** What the schema offers to editors. */
function offered(name: 'fleet' | 'compression'): string[] {
  const schema = readFileSync(new URL('../../schemas/reqset.schema.json', import.meta.url), 'utf8');
  const { $defs } = JSON.parse(schema) as { $defs: Record<string, { enum: string[] }> };
  return $defs[name]?.enum ?? [];
}

test.each(['fleet', 'compression'] as const)('the schema offers every %s that is taken, and no other', (name) => {
  const refuse = (): unknown => parseSettings(JSON.stringify({ [name]: '' }), 'reqset.json');
  expect(refuse).toThrow(`"${name}" is "", expected one of ${offered(name).join(', ')}`);
});
