import { readFile } from 'node:fs/promises';
import { StoreError } from '@pinpack/build-store';
import { parseVersion } from '@pinpack/python-dist';
import { RpmError } from '@pinpack/rpm-gen';
import { describe, expect, test } from 'vitest';
import { PinpackError } from '../pinpack-error.js';
import { reportFailure } from './report-failure.js';

async function messageOf(error: Error): Promise<string | undefined> {
  const { success, message } = await reportFailure(() => Promise.reject(error));
  expect(success).toBe(false);
  return message;
}

describe('reportFailure', () => {
  test('says nothing of success', async () => {
    expect(await reportFailure(() => Promise.resolve())).toEqual({ success: true });
  });

  test('tells what the user can mend by its message alone', async () => {
    expect(await messageOf(new PinpackError('PINPACK_X', 'numpy', ['found this', 'do that']))).toBe(
      'numpy: found this\n  do that',
    );
    expect(await messageOf(new RpmError('RPM_DAMAGED', 'a.rpm', 'is cut off'))).toBe('a.rpm: is cut off');
    const { message } = await reportFailure(() => Promise.resolve(void parseVersion('x')));
    expect(message).toMatch(/^x: not a version that PEP 440 allows\n {2}expected [^\n]*$/);
  });

  test('tells what the store says', async () => {
    expect(StoreError.prototype).toBeInstanceOf(Error);
    const error = Object.create(StoreError.prototype, { message: { value: 'store: full' } }) as StoreError;
    expect(await messageOf(error)).toBe('store: full');
  });

  test('names the path of a fault of the system', async () => {
    const { message } = await reportFailure(async () => {
      await readFile('/nowhere/at/all');
    });
    expect(message).toBe("/nowhere/at/all: ENOENT: no such file or directory, open '/nowhere/at/all'");
  });

  test('keeps the stack of a fault of its own', async () => {
    const message = await messageOf(new TypeError('undefined is not a function'));
    expect(message).toMatch(/^TypeError: undefined is not a function\n +at .*report-failure\.spec\.ts/);
    expect(message).toMatch(/\nThis is a fault of pinpack\.$/);
  });

  test('tells of what is no error too', async () => {
    expect(await messageOf('just a word' as unknown as Error)).toBe('just a word');
  });
});
