import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { temporaryFolder, thrown } from '@pinpack/testing';
import { readBuilds } from './build-settings.js';
import { parseSettings } from './reqset-settings.js';
import { writeText } from './workspace.fixture.js';

describe('"build" in reqset.json', () => {
  test('accepts every setting', () => {
    const demo = {
      from: 'sdist',
      requires: ['setuptools<81'],
      environment: { CFLAGS: '-O3' },
      configSettings: { 'setup-args': ['-Da=b'], x: 'y' },
      system: ['header:ffi.h', 'pkg-config:libxml-2.0', 'program:pg_config'],
      patches: ['patches/a.patch'],
    };
    const build = { demo, other: { wheel: 'wheels/other-1.0-py3-none-any.whl' } };
    expect(parseSettings(JSON.stringify({ build }), 'reqset.json').build).toEqual(build);
  });

  test.each([
    [[], 'build is [], expected pins such as {"docopt": {"from": "sdist"}}'],
    [{ a: 'sdist' }, 'build.a is "sdist", expected an object'],
    [{ a: { from: 'wheel' } }, 'build.a.from is "wheel", expected "sdist"'],
    [{ a: { patchs: [] } }, 'build.a.patchs is not a setting, did you mean patches?'],
    [{ a: { system: ['ffi.h'] } }, 'build.a.system[0] is "ffi.h", expected header:'],
    [{ a: { patches: ['../x'] } }, 'build.a.patches[0] is "../x", expected a path in the reqset\'s folder'],
    [{ a: { environment: { A: 1 } } }, 'build.a.environment.A is 1, expected a string'],
    [
      { a: { wheel: 'a.whl', requires: [] } },
      'build.a is {"wheel":"a.whl","requires":[]}, expected no other setting beside "wheel"',
    ],
    [{ a: { wheel: '/a.whl' } }, 'build.a.wheel is "/a.whl", expected a path'],
    [{ a: { configSettings: { x: 1 } } }, 'build.a.configSettings.x is 1, expected a string or a list of strings'],
  ])('rejects %j', (build, expected) => {
    expect(thrown(() => parseSettings(JSON.stringify({ build }), 'reqset.json'))).toContain(expected);
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
