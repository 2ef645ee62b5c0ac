/** Environments of applications made of real wheels: compared with those that pip and venv make, and killed at random times. */
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';
import { describeFailure, runProgram } from '@pinpack/common/program';
import { Workspace } from './workspace.js';

const TESTS = fileURLToPath(new URL('../../libs/pinpack-runtime/tests', import.meta.url));
const built = new Workspace(inject('built'));

describe('pinpack-runtime application', () => {
  it.each(['test_against_pip.py', 'test_environment_kill.py', 'test_ownership.py', 'test_processes.py'])(
    'passes %s',
    async (pattern) => {
      const result = await runProgram(
        '/usr/bin/python3',
        ['-B', '-m', 'unittest', 'discover', '--verbose', '-s', TESTS, '-p', pattern],
        {
          env: {
            PINPACK_TEST_WHEELS: built.path('dist/wheels/reqset3'),
            PINPACK_TEST_KILLS: process.env.PINPACK_NIGHTLY === '1' ? '33' : '12',
          },
        },
      );
      expect(result.exitCode, describeFailure(result)).toBe(0);
      expect(Number(/^Ran (\d+) tests? in/m.exec(result.all)?.[1])).toBeGreaterThan(1);
      // A skip for lack of wheels would prove nothing; for lack of a file system or of root it may be.
      expect(result.all).not.toMatch(/skipped '(?:PINPACK_TEST_WHEELS|the folder that|none of Python)/);
    },
  );
});
