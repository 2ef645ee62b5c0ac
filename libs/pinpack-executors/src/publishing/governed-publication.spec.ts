/** What governs a publication: its SBOMs, which are signed as its other files are, and the licence policy. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import publish from '../executors/publish/executor.js';
import type { LicensesOptions } from '../workspace/plugin-options.js';
import { runExecutor, writeBuiltWorkspace, type SamplePin } from './built-workspace.fixture.js';

const PINS: SamplePin[] = [
  { name: 'free', version: '1.0', metadata: ['License-Expression: MIT'] },
  { name: 'copyleft', version: '1.0', metadata: ['License-Expression: MIT AND GPL-3.0-only'] },
  { name: 'silent', version: '1.0' },
];

async function publishWith(licenses?: LicensesOptions) {
  const root = await writeBuiltWorkspace(PINS, 'seed');
  const to = temporaryFolder();
  const plugin = { publish: { to: `file://${to}` }, ...(licenses !== undefined && { licenses }) };
  const result = await runExecutor(publish, { reqset: 'demo' }, { root, plugin });
  return { ...result, to };
}

describe('a publication', () => {
  test('has SBOMs of its RPMs and of its reqset, and a notice', async () => {
    const { success, errors, to } = await publishWith();
    expect({ success, errors }).toEqual({ success: true, errors: '' });
    const releases = join(to, 'demo/releases');
    const [id = ''] = readdirSync(releases);
    const folder = join(releases, id, 'sbom');
    expect(readdirSync(folder).sort()).toEqual([
      'demo.NOTICE.txt',
      'demo.cdx.json',
      'demo.spdx.json',
      'publication.cdx.json',
      'publication.spdx.json',
    ]);
    const { components } = JSON.parse(readFileSync(join(folder, 'publication.cdx.json'), 'utf8')) as {
      components: { purl?: string }[];
    };
    const purls = components.map(({ purl }) => purl);
    expect(purls).toContain('pkg:pypi/free@1.0');
    expect(purls).toContain('pkg:rpm/demo-wheel-free@1.0.0-1?arch=noarch');
  });

  test('with refused licences is not made, and all of them are listed', async () => {
    const policy = { allow: ['MIT'], deny: ['GPL-3.0-only'] };
    const { success, errors, to } = await publishWith(policy);
    expect(success).toBe(false);
    expect(errors).toContain(
      'demo:publish: copyleft 1.0: MIT AND GPL-3.0-only: GPL-3.0-only is denied [PINPACK_LICENSE_REFUSED]',
    );
    expect(errors).toContain('silent 1.0: no licence is not an SPDX license expression');
    expect(errors).not.toContain('free');
    expect(readdirSync(to)).toEqual([]);
    const exceptions = ['copyleft', 'silent'].map((pin) => ({ pin, reason: 'reviewed' }));
    expect((await publishWith({ ...policy, exceptions })).errors).toBe('');
  });
});
