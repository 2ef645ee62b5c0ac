import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { needProgram } from '@pinpack/testing';
import { readBytecodeCompiler } from './bytecode-compiler.js';

describe('readBytecodeCompiler', () => {
  test('identifies the Python by the facts that determine its bytecode', async (context) => {
    const { stdout: version } = await execa('python3', ['-c', 'import platform; print(platform.python_version())']);
    const [major = '', minor = '', micro = ''] = version.split('.');
    await needProgram(context, `python${major}.${minor}`);
    expect(await readBytecodeCompiler(`${major}.${minor}`)).toMatch(
      new RegExp(`^cpython cpython-${major}${minor} ${major} ${minor} ${micro} final 0 [0-9a-f]{8}$`),
    );
  });

  test('fails as the compilation would, where it is not there', async () => {
    await expect(readBytecodeCompiler('3.99')).rejects.toMatchObject({ code: 'PINPACK_PYTHON_MISSING' });
  });
});
