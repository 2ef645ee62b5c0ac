import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { exists, readIfExists } from './optional-file.js';

describe('readIfExists', () => {
  test('returns the text, and undefined for a missing file', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), 'text');
    expect(await readIfExists(join(folder, 'file'))).toBe('text');
    expect(await readIfExists(join(folder, 'missing'))).toBeUndefined();
    expect(await readIfExists(join(folder, 'file/below'))).toBeUndefined();
  });

  test('reports a file that cannot be read', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder'));
    await expect(readIfExists(join(folder, 'folder'))).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

describe('exists', () => {
  test('is false only for a missing file', async () => {
    const folder = temporaryFolder();
    expect(await exists(folder)).toBe(true);
    expect(await exists(join(folder, 'missing'))).toBe(false);
    await expect(exists(join(folder, 'x'.repeat(300)))).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
  });
});
