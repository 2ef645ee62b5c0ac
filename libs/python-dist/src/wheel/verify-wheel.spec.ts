import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { rejected } from '@pinpack/testing';
import { verifyWheel } from './verify-wheel.js';
import { writeWheel } from './wheel.fixture.js';

test('accepts a wheel', async () => {
  await expect(verifyWheel(writeWheel())).resolves.toBeUndefined();
});

test.each([
  ['holds more than it declares', { raw: deflateRawSync(Buffer.alloc(10_000_000)) }, 'recorded 4 bytes, found more'],
  ['has another CRC', { declaredCrc32: 1 }, 'recorded CRC 00000001'],
])('refuses a wheel of which one file %s', async (_, damage, message) => {
  const files = [{ name: 'demo/__init__.py', data: 'data', ...damage }];
  expect(await rejected(() => verifyWheel(writeWheel({ files })))).toContain(message);
});
