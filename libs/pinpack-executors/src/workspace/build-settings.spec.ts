import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { buildIssues, readBuilds } from './build-settings.js';
import { writeText } from './workspace.fixture.js';

describe('"build" in reqset.json', () => {
  test('is right with every setting', () => {
    const demo = {
      from: 'sdist',
      requires: ['setuptools<81'],
      environment: { CFLAGS: '-O3' },
      configSettings: { 'setup-args': ['-Da=b'], x: 'y' },
      system: ['header:ffi.h', 'pkg-config:libxml-2.0', 'program:pg_config'],
      patches: ['patches/a.patch'],
    };
    expect(buildIssues({ demo, other: { wheel: 'wheels/other-1.0-py3-none-any.whl' } })).toEqual([]);
  });

  test.each([
    [[], '"build" is [], expected pins such as {"docopt": {"from": "sdist"}}'],
    [{ a: 'sdist' }, '"build" a is "sdist", expected an object'],
    [{ a: { from: 'wheel' } }, '"build" a "from" is "wheel", expected "sdist"'],
    [{ a: { patchs: [] } }, '"build" a "patchs" is not a setting'],
    [{ a: { system: ['ffi.h'] } }, '"build" a "system" is ["ffi.h"], expected a list such as ["header:ffi.h"'],
    [{ a: { patches: ['../x'] } }, '"build" a "patches" is ["../x"], expected a list of paths'],
    [{ a: { environment: { A: 1 } } }, '"build" a "environment" is {"A":1}, expected names and values'],
    [{ a: { wheel: 'a.whl', requires: [] } }, '"build" a has "wheel" and more'],
  ])('%j is told', (build, expected) => {
    expect(buildIssues(build).join('\n')).toContain(expected);
  });

  test('is read with the digests of the files that it names', async () => {
    const root = temporaryFolder();
    writeText(root, 'reqsets/demo/a.patch', 'patch');
    const builds = await readBuilds(root, 'reqsets/demo', { My_Pin: { patches: ['a.patch'] } });
    const sha256 = createHash('sha256').update('patch').digest('hex');
    expect(builds['my-pin']).toMatchObject({
      isForced: true,
      patches: [{ path: 'reqsets/demo/a.patch', sha256 }],
    });
  });
});
