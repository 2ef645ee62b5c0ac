import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { findMissing, findOnPath, readProgram, runForBytes, runProgram } from './program.js';

const at = temporaryFolder();
const [first, second] = [join(at, 'first'), join(at, 'second')];
const PATH = ['', first, second].join(':');

beforeAll(() => {
  for (const folder of [first, second]) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'tool'), '#!/bin/sh\nprintf out; printf err >&2; exit 3\n');
  }
  chmodSync(join(second, 'tool'), 0o755);
});

describe('findOnPath', () => {
  test('skips files that are not executable', async () => {
    expect(await findOnPath('tool', PATH)).toBe(join(second, 'tool'));
    expect(await findOnPath('other', PATH)).toBeUndefined();
  });

  test('findMissing lists the programs that no folder has', async () => {
    const [tool, other] = ['tool', 'other'].map((program) => ({ program, debian: program, fedora: program }));
    expect(
      await findMissing(
        [tool, other].filter((each) => each !== undefined),
        PATH,
      ),
    ).toEqual([other]);
  });
});

describe('a program', () => {
  test('that fails is a result, with its output', async () => {
    const result = await runProgram(join(second, 'tool'), []);
    expect(result).toMatchObject({ failed: true, exitCode: 3, stdout: 'out', stderr: 'err' });
  });

  test('that does not exist is a result with the code ENOENT', async () => {
    expect(await runForBytes(join(at, 'missing'), [])).toMatchObject({ failed: true, code: 'ENOENT' });
  });

  test('gets bytes and returns them unchanged', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x0a, 0x0a]);
    const { failed, stdout } = await runForBytes('cat', [], { input: bytes });
    expect({ failed, stdout }).toEqual({ failed: false, stdout: bytes });
  });

  test('that must succeed throws with its exit code and last output', async () => {
    await expect(readProgram(join(second, 'tool'), [])).rejects.toMatchObject({
      code: 'PINPACK_PROGRAM_FAILED',
      message: expect.stringMatching(/exit code 3.*\nouterr$/s) as string,
    });
  });
});
