import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { formatPylock } from '@pinpack/python-dist';
import { describe, expect, test } from 'vitest';
import { sampleLock, samplePackage } from '@pinpack/rpm-packaging/testing';
import { reqsetPaths } from '../../workspace/workspace-paths.js';
import { writeText, writeWorkspace } from '../../workspace/workspace.fixture.js';
import { rejected } from '@pinpack/testing';
import sync from './generator.js';

const SIX = samplePackage({ name: 'six', version: '1.17' });
const NUMPY = samplePackage();

/** Nx's own tree for tests, over a real workspace: what the generator reads beside the tree is there too. */
function treeOf(root: string): Tree {
  const tree = createTreeWithEmptyWorkspace();
  for (const { path } of tree.listChanges()) tree.delete(path);
  return Object.assign(tree, { root });
}

function changesOf(tree: Tree): string[] {
  return tree
    .listChanges()
    .map(({ type, path }) => `${type} ${path}`)
    .filter((change) => change.includes('reqsets/'));
}

describe('sync', () => {
  test('does nothing if the pin files match the lock', async () => {
    const tree = treeOf(await writeWorkspace('reqset3', [NUMPY, SIX]));
    expect(await sync(tree)).toEqual({});
    expect(changesOf(tree)).toEqual([]);
  });

  test('does nothing without a lock', async () => {
    expect(await sync(createTreeWithEmptyWorkspace())).toEqual({});
  });

  test('writes files that differ, and removes those of removed pins', async () => {
    const root = await writeWorkspace('reqset3', [NUMPY, SIX]);
    const kept = readFileSync(join(root, 'reqsets/reqset3/pins/six/pin.json'), 'utf8');
    writeText(root, 'reqsets/reqset3/pins/six/pin.json', '{}');
    writeText(root, 'reqsets/reqset3/pins/old/pin.json', '{}');
    const tree = treeOf(root);
    expect(await sync(tree)).toEqual({
      outOfSyncMessage: [
        'These files are not up to date with pylock.toml:',
        'reqsets/reqset3/pins/six/pin.json',
        'reqsets/reqset3/pins/old',
      ].join('\n'),
    });
    expect(changesOf(tree).sort()).toEqual([
      'DELETE reqsets/reqset3/pins/old',
      'UPDATE reqsets/reqset3/pins/six/pin.json',
    ]);
    expect(tree.read('reqsets/reqset3/pins/six/pin.json', 'utf-8')).toBe(kept);
  });

  test('sees every change since an earlier run of the same process', async () => {
    const root = await writeWorkspace('reqset3', [NUMPY, SIX]);
    const file = 'reqsets/reqset3/pins/six/pin.json';
    const text = readFileSync(join(root, file), 'utf8');
    expect(await sync(treeOf(root))).toEqual({});
    for (const [path, content] of [
      [file, text.replace('1.17', '1.18')],
      ['reqsets/reqset3/pins/old/pin.json', '{}'],
    ] as const) {
      writeText(root, path, content);
      expect((await sync(treeOf(root))).outOfSyncMessage, path).toContain(path.replace(/\/pin.json$/, ''));
    }
    rmSync(join(root, 'reqsets/reqset3/pins/old'), { recursive: true });
    writeText(root, file, text);
    expect(await sync(treeOf(root))).toEqual({});
    const lock = readFileSync(join(root, 'reqsets/reqset3/pylock.toml'), 'utf8');
    writeText(root, 'reqsets/reqset3/pylock.toml', lock.replaceAll('1.17', '1.18'));
    expect((await sync(treeOf(root))).outOfSyncMessage).toContain(file);
  });

  test('reports a lock that is older than its requirements', async () => {
    const root = await writeWorkspace('reqset3', [NUMPY]);
    writeText(root, 'reqsets/reqset3/requirements.txt', 'numpy==2.4.7\n');
    expect(await rejected(() => sync(treeOf(root)))).toBe(
      [
        'PINPACK_LOCK_OUTDATED reqsets/reqset3/pylock.toml: is older than its requirements, settings or applications',
        'Lock again: nx run reqset3:lock',
      ].join('\n  '),
    );
  });

  test('takes a comment or another order in the requirements for no change', async () => {
    const root = await writeWorkspace('reqset3', [NUMPY, SIX]);
    writeText(root, 'reqsets/reqset3/requirements.txt', '# sums\nsix == 1.17  # old\n\nnumpy==2.4.6\n');
    expect(await sync(treeOf(root))).toEqual({});
  });

  test('takes another Python in reqset.json for a change', async () => {
    const root = await writeWorkspace('reqset3', [NUMPY]);
    writeText(root, 'reqsets/reqset3/reqset.json', '{"python": "3.12.1"}');
    expect(await rejected(() => sync(treeOf(root)))).toMatch(/^PINPACK_LOCK_OUTDATED /);
  });

  test('refuses a damaged lock', async () => {
    const root = await writeWorkspace('reqset3', [NUMPY]);
    const place = reqsetPaths('reqset3');
    const damaged = sampleLock([samplePackage({ dependencies: ['six'], requires: ['six'] })]);
    writeText(root, place.lock, formatPylock(damaged, place));
    expect(await rejected(() => sync(treeOf(root)))).toBe(
      [
        'DIST_LOCK_INVALID reqsets/reqset3/pylock.toml: numpy depends on six, which is not locked',
        'Write the lock again: nx run reqset3:lock',
      ].join('\n  '),
    );
  });

  describe('with variants', () => {
    const VARIANTS = { py311: {}, py312: { python: '3.12.1' } };

    test('follows the lock of each', async () => {
      const root = await writeWorkspace('multi', [NUMPY, SIX], VARIANTS);
      writeText(root, 'reqsets/multi/variants/py312/pins/six/pin.json', '{}');
      writeText(root, 'reqsets/multi/variants/py312/pins/old/pin.json', '{}');
      const tree = treeOf(root);
      await sync(tree);
      expect(changesOf(tree).sort()).toEqual([
        'DELETE reqsets/multi/variants/py312/pins/old',
        'UPDATE reqsets/multi/variants/py312/pins/six/pin.json',
      ]);
    });

    test('removes what is left of a variant that is gone, and of the time before there were any', async () => {
      const root = await writeWorkspace('multi', [NUMPY], VARIANTS);
      writeText(root, 'reqsets/multi/reqset.json', JSON.stringify({ variants: { py311: {} } }));
      writeText(root, 'reqsets/multi/pylock.toml', 'lock-version = "1.0"\ncreated-by = "pinpack"\n');
      writeText(root, 'reqsets/multi/pylock.imported.toml', 'lock-version = "1.0"\ncreated-by = "uv"\n');
      writeText(root, 'reqsets/multi/pins/numpy/pin.json', '{}');
      const tree = treeOf(root);
      await sync(tree);
      expect(changesOf(tree).sort()).toEqual([
        'DELETE reqsets/multi/pins',
        'DELETE reqsets/multi/pylock.py312.toml',
        'DELETE reqsets/multi/pylock.toml',
        'DELETE reqsets/multi/variants/py312',
      ]);
    });

    test('reports a variant that was never locked', async () => {
      const root = await writeWorkspace('multi', [NUMPY], VARIANTS);
      writeText(root, 'reqsets/multi/reqset.json', JSON.stringify({ variants: { ...VARIANTS, py313: {} } }));
      expect(await rejected(() => sync(treeOf(root)))).toMatch(/pylock\.py313\.toml: .*\n.*nx run multi-py313:lock$/);
    });

    test('reports which of them is older than its settings', async () => {
      const root = await writeWorkspace('multi', [NUMPY], VARIANTS);
      writeText(
        root,
        'reqsets/multi/reqset.json',
        JSON.stringify({ variants: { ...VARIANTS, py311: { bytecode: true } } }),
      );
      expect(await rejected(() => sync(treeOf(root)))).toMatch(/pylock\.py311\.toml: .*\n.*nx run multi-py311:lock$/);
    });
  });
});
