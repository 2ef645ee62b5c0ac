/** The environments of applications, made by pinpack-runtime with the tools of a reqset that was built here: its Python tests that need them. */
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { describeFailure, runProgram } from '@pinpack/common/program';
import { Workspace } from './workspace.js';

const TESTS = fileURLToPath(new URL('../../libs/pinpack-runtime/tests', import.meta.url));
const built = new Workspace(inject('built'));

describe('pinpack-runtime application, with the real virtualenv, installer and pip', () => {
  it.each(['test_environment_fill.py', 'test_environment_kill.py'])('passes %s', async (pattern) => {
    const result = await runProgram(
      '/usr/bin/python3',
      ['-B', '-m', 'unittest', 'discover', '--verbose', '-s', TESTS, '-p', pattern],
      { env: { PINPACK_TEST_WHEELS: built.path('dist/wheels/reqset3') } },
    );
    expect(result.exitCode, describeFailure(result)).toBe(0);
    expect(Number(/^Ran (\d+) tests? in/m.exec(result.all)?.[1])).toBeGreaterThan(3);
    // A skip for want of the tools would prove nothing; for want of a file system or of root it may be.
    expect(result.all).not.toMatch(/skipped '(?:PINPACK_TEST_WHEELS|the folder that|none of Python)/);
  });
});
