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
  test('has no message for success', async () => {
    expect(await reportFailure(() => Promise.resolve())).toEqual({ success: true });
  });

  test('reports the errors of users as a message with its code', async () => {
    expect(await messageOf(new PinpackError('PINPACK_X', 'numpy', ['found this', 'do that']))).toBe(
      'numpy: found this [PINPACK_X]\n  do that',
    );
    expect(await messageOf(new RpmError('RPM_DAMAGED', 'a.rpm', 'is cut off'))).toBe('a.rpm: is cut off [RPM_DAMAGED]');
    const { message } = await reportFailure(() => Promise.resolve(void parseVersion('x')));
    expect(message).toMatch(/^x: not a version that PEP 440 allows \[DIST_VERSION_INVALID\]\n {2}expected [^\n]*$/);
  });

  test('escapes control characters that a message quotes', async () => {
    const message = await messageOf(new PinpackError('PINPACK_X', 'six', ['Summary is \u001b[2J\u202eevil', 'next']));
    expect(message).toBe('six: Summary is \\u001b[2J\\u202eevil [PINPACK_X]\n  next');
  });

  test('removes credentials of URLs, of unknown errors too', async () => {
    expect(await messageOf(new TypeError('Invalid URL: https://user:secret@index.example/simple'))).not.toMatch(
      /user|secret/,
    );
  });

  test('reports errors of the store', async () => {
    expect(StoreError.prototype).toBeInstanceOf(Error);
    const error = Object.create(StoreError.prototype, {
      message: { value: 'store: full' },
      code: { value: 'STORE_FULL' },
    }) as StoreError;
    expect(await messageOf(error)).toBe('store: full [STORE_FULL]');
  });

  test('names the path of a system error', async () => {
    const { message } = await reportFailure(async () => {
      await readFile('/nowhere/at/all');
    });
    expect(message).toBe("/nowhere/at/all: ENOENT: no such file or directory, open '/nowhere/at/all'");
  });

  test('keeps the stack of other errors, which are bugs', async () => {
    const message = await messageOf(new TypeError('undefined is not a function'));
    expect(message).toMatch(/^TypeError: undefined is not a function\n +at .*report-failure\.spec\.ts/);
    expect(message).toMatch(/\nThis is a bug in pinpack: report it with the lines above\.$/);
  });

  test('reports thrown values that are not errors', async () => {
    expect(await messageOf('just a word' as unknown as Error)).toBe('just a word');
  });
});
