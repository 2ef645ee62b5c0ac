import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RpmSpec, ScriptletName } from '@pinpack/rpm-gen';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { SHA256 } from '../pin.fixture.js';
import { temporaryFolder } from '../programs.fixture.js';
import { RUNTIME_REQUIRES, wheelScriptlets } from './scriptlets.js';

const PATHS = {
  tree: '/usr/lib/pinpack/reqset3/numpy',
  wheel: '/var/lib/pinpack/reqset3/wheelhouse/numpy-2.4.6-cp311-cp311-manylinux_2_28_x86_64.whl',
};
const DIST_INFO = 'numpy-2.4.6.dist-info';
const REST = ['--dist-info', DIST_INFO, '--wheel', PATHS.wheel, '--sha256', SHA256];

/** The words that a scriptlet hands to pinpack-runtime, by way of a real /bin/sh; undefined where it doesn't call it. */
async function wordsOf(scriptlets: RpmSpec['scriptlets'], name: ScriptletName, ...given: string[]) {
  const program = join(temporaryFolder(), 'pinpack-runtime');
  // Words end with a byte that no word holds.
  writeFileSync(program, '#!/bin/sh\nprintf \'%s\\037\' "$@"\n');
  chmodSync(program, 0o755);
  const { interpreter = '', body = '' } = scriptlets[name] ?? {};
  const script = body.replaceAll('/usr/bin/pinpack-runtime', program);
  expect(script).not.toBe(body);
  // As rpm runs it: the body by the interpreter, with the number of versions that stay.
  const { stdout } = await execa(interpreter, ['-c', script, 'scriptlet', ...given]);
  return stdout === '' ? undefined : stdout.split('\u001f').slice(0, -1);
}

describe('wheelScriptlets', () => {
  test('rebuilds after installation, whether the first or an upgrade', async () => {
    const scriptlets = wheelScriptlets(PATHS, DIST_INFO, SHA256);
    const expected = ['wheel', 'rebuild', '--tree', PATHS.tree, ...REST];
    expect(await wordsOf(scriptlets, 'post', '1')).toEqual(expected);
    expect(await wordsOf(scriptlets, 'post', '2')).toEqual(expected);
  });

  test('removes the wheel when the last version goes, and not on an upgrade', async () => {
    const scriptlets = wheelScriptlets(PATHS, DIST_INFO, SHA256);
    expect(await wordsOf(scriptlets, 'preun', '0')).toEqual(['wheel', 'remove', '--wheel', PATHS.wheel]);
    expect(await wordsOf(scriptlets, 'preun', '1')).toBeUndefined();
  });

  test('verifies what it rebuilt', async () => {
    const scriptlets = wheelScriptlets(PATHS, DIST_INFO, SHA256);
    expect(await wordsOf(scriptlets, 'verify')).toEqual(['wheel', 'verify', '--tree', PATHS.tree, ...REST]);
  });

  test.each([
    "it's",
    'two words',
    '$HOME `id` $(id)',
    '"quoted"',
    'back\\slash',
    '*?[a]',
    ';&|<>#!',
    'new\nline',
    "''",
  ])('hands over %j as one word', async (odd) => {
    const paths = { tree: `/usr/lib/${odd}`, wheel: `/var/lib/${odd}.whl` };
    const scriptlets = wheelScriptlets(paths, `${odd}.dist-info`, SHA256);
    const place = ['--tree', paths.tree, '--dist-info', `${odd}.dist-info`, '--wheel', paths.wheel];
    const expected = ['--sha256', SHA256];
    expect(await wordsOf(scriptlets, 'post', '1')).toEqual(['wheel', 'rebuild', ...place, ...expected]);
    expect(await wordsOf(scriptlets, 'preun', '0')).toEqual(['wheel', 'remove', '--wheel', paths.wheel]);
    expect(await wordsOf(scriptlets, 'verify')).toEqual(['wheel', 'verify', ...place, ...expected]);
  });

  test('leaves nothing for rpm to expand: no body has a macro', () => {
    for (const { body } of Object.values(wheelScriptlets(PATHS, DIST_INFO, SHA256))) expect(body).not.toContain('%');
  });
});

test('the runtime is there for every scriptlet that calls it', () => {
  expect(RUNTIME_REQUIRES.when).toEqual(Object.keys(wheelScriptlets(PATHS, DIST_INFO, SHA256)));
});
