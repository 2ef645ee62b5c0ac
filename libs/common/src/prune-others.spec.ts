import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { pruneOthers } from './prune-others.js';

describe('pruneOthers', () => {
  test('removes other versions of the same name, and nothing else', async () => {
    const folder = temporaryFolder();
    const keep = 'set-wheel-numpy-2.4.6-1.x86_64.rpm';
    const others = ['set-wheel-numpy-2.4.5-1.x86_64.rpm', 'set-wheel-numpy-2.4.6-2.noarch.rpm'];
    const unrelated = ['set-wheel-numpy-financial-1.0.0-1.noarch.rpm', 'notes.txt'];
    for (const name of [keep, ...others, ...unrelated]) writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'repodata'));
    await pruneOthers(folder, keep, /^set-wheel-numpy-[^-]+-[^-]+\.rpm$/);
    expect(readdirSync(folder).sort()).toEqual([keep, ...unrelated, 'repodata'].sort());
  });
});
