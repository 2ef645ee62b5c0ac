import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { needProgram, temporaryFolder } from '@pinpack/testing';
import { readCompilers } from './compilers.js';

describe('readCompilers', () => {
  test('returns the first line of --version', async (context) => {
    await needProgram(context, 'cc');
    const { stdout } = await execa('cc', ['--version']);
    expect((await readCompilers()).cc).toBe(stdout.split('\n')[0]);
  });

  test('finds another compiler that is earlier on PATH', async () => {
    const bin = temporaryFolder();
    writeFileSync(join(bin, 'cc'), '#!/bin/sh\necho other compiler 1.0\necho and more\n');
    chmodSync(join(bin, 'cc'), 0o755);
    const others = await readCompilers();
    expect(await readCompilers(`${bin}${delimiter}${process.env.PATH ?? ''}`)).toEqual({
      ...others,
      cc: 'other compiler 1.0',
    });
  });

  test('leaves out compilers that are not installed', async () => {
    expect(await readCompilers(temporaryFolder())).toEqual({});
  });
});
