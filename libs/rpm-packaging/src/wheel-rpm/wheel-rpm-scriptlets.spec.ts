import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { RUNTIME_REQUIRES, wheelScriptlets } from './wheel-rpm-scriptlets.js';

test('the tree and the wheel are verified, and nothing else is done', async () => {
  const { verify, ...others } = wheelScriptlets('reqset3/py311', { name: 'an-example-pypi-project' });
  expect(others).toEqual({});
  const program = join(temporaryFolder(), 'pinpack-runtime');
  writeFileSync(program, '#!/bin/sh\nprintf \'%s|\' "$@"\nexit 3\n');
  chmodSync(program, 0o755);
  const script = verify?.body.replace('/usr/bin/pinpack-runtime', program) ?? '';
  const { stdout, exitCode } = await execa(verify?.interpreter ?? '', ['-c', script], { reject: false });
  expect(stdout).toBe('wheel|verify|reqset3-py311|an-example-pypi-project|');
  // rpm -V reports a failure by it.
  expect(exitCode).toBe(3);
});

test('nothing is left for rpm to expand: the body has no macro', () => {
  expect(wheelScriptlets('reqset3', { name: 'numpy' }).verify?.body).not.toContain('%');
});

test('the runtime is there for every scriptlet that calls it', () => {
  expect(RUNTIME_REQUIRES.when).toEqual(Object.keys(wheelScriptlets('reqset3', { name: 'numpy' })));
});
