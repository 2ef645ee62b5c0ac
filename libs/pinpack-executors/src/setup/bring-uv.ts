// Installs uv into the workspace's .venv unless it is there or on PATH. pip checks the hashes of uv.txt, and uses the index that it is configured with.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeFailure, runProgram } from '@pinpack/common/program';
import { Uv } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';

const LIST = fileURLToPath(new URL('../../uv.txt', import.meta.url));
const PYTHON = '.venv/bin/python';

/** @returns one line for the user @throws PinpackError `PINPACK_UV_UNAVAILABLE` */
export async function bringUv(root: string): Promise<string> {
  const found = await versionOf(root);
  if (found !== undefined) return `${found} is installed`;
  if (!existsSync(join(root, PYTHON))) await makeEnvironment(root);
  const install = ['install', '--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:'];
  const result = await runProgram(join(root, PYTHON), ['-m', 'pip', ...install, '--no-deps', '-r', LIST], {
    cwd: root,
  });
  if (result.failed) {
    throw new PinpackError('PINPACK_UV_UNAVAILABLE', '.venv', [
      'pip could not install uv',
      describeFailure(result),
      'pip uses the index that it is configured with: pip config list. Then run: npx pinpack setup',
      'Or install uv yourself, on PATH: pipx install uv',
    ]);
  }
  return `${(await versionOf(root)) ?? 'uv'} was installed into .venv`;
}

async function makeEnvironment(root: string): Promise<void> {
  const result = await runProgram('python3', ['-m', 'venv', join(root, '.venv')], { cwd: root });
  if (!result.failed) return;
  throw new PinpackError('PINPACK_UV_UNAVAILABLE', '.venv', [
    'python3 cannot make a virtual environment, into which uv would be installed',
    describeFailure(result),
    'Install it (Debian: python3-venv, Fedora and RHEL: python3-pip, SUSE: python3-pip), then run: npx pinpack setup',
    'Or install uv yourself, on PATH: pipx install uv',
  ]);
}

/** `uv 0.13.9` */
async function versionOf(root: string): Promise<string | undefined> {
  const uv = await Uv.find(root).catch(() => undefined);
  return (await uv?.run(['--version']))?.stdout.split(' ').slice(0, 2).join(' ').trim();
}
