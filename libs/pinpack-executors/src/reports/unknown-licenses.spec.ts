import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeBuiltWorkspace } from '../publishing/built-workspace.fixture.js';
import { readLock } from '../workspace/read-lock.js';
import { findUnknownLicenses, formatUnknownLicenses } from './unknown-licenses.js';

test('the licences that SPDX does not know are listed in the words of their authors', async () => {
  const root = await writeBuiltWorkspace([
    { name: 'known', version: '1.0', metadata: ['License: Apache License, Version 2.0'] },
    { name: 'family', version: '1.0', metadata: ['License: BSD'] },
    { name: 'silent', version: '2.0' },
    { name: 'absent', version: '1.0', metadata: ['License: BSD'] },
  ]);
  rmSync(join(root, 'dist/wheels/demo/absent-1.0-py3-none-any.whl'));
  const found = await findUnknownLicenses(root, 'demo', readLock(root, 'demo'));
  expect(formatUnknownLicenses(found, 'demo').split('\n')).toEqual([
    '',
    '',
    'licences that are no SPDX expressions',
    expect.stringMatching(/^ {2}family 1\.0 +"BSD"$/),
    expect.stringMatching(/^ {2}silent 2\.0 +no licence$/),
    '',
    'wheels that are not built, whose licences were not read: 1 (nx run demo:wheel)',
  ]);
  expect(formatUnknownLicenses({ unknown: [], unread: 0 }, 'demo')).toBe('');
});
