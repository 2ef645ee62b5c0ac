import { pinsOf } from '@pinpack/python-dist';
import { packRuntimeRpms } from '@pinpack/rpm-packaging';
import { digest, sha256OfFile } from '@pinpack/common/digest';
import { expect, it } from 'vitest';
import { makeWheelRpm } from '../rpms/make-wheel-rpm.js';
import { readLock } from '../workspace/read-lock.js';
import { rpmRequest, writeBuiltWorkspace } from './built-workspace.fixture.js';
import { reproduceRpms } from './reproduce-rpms.js';

it('accepts the RPMs that the lock gives, and no other, whatever their digests say', async () => {
  const root = await writeBuiltWorkspace([
    { name: 'alpha', version: '1.0' },
    { name: 'beta', version: '2.0' },
  ]);
  const made = pinsOf(readLock(root, 'demo')).map(async (pin) => {
    const { path } = await makeWheelRpm({ ...rpmRequest(root, 'us'), pin });
    return { name: `demo-wheel-${pin.name}`, file: path, unsigned: await sha256OfFile(path) };
  });
  const runtime = (await packRuntimeRpms('us')).map(({ name, chunks }) => ({
    ...{ name, file: `${name}.rpm`, unsigned: digest('sha256', ...chunks).toString('hex') },
  }));
  const packages = [...(await Promise.all(made)), ...runtime];
  await reproduceRpms({ root, set: 'demo', vendor: 'us', packages });
  const replaced = packages.map((each) =>
    each.name === 'demo-wheel-beta' ? { ...each, unsigned: 'f'.repeat(64) } : each,
  );
  await expect(reproduceRpms({ root, set: 'demo', vendor: 'us', packages: replaced })).rejects.toMatchObject({
    code: 'PINPACK_RPM_DIFFERS',
    message: expect.stringMatching(
      /demo-wheel-beta-2\.0\.0-1\.noarch\.rpm has sha256 f{64} without its signature, expected [0-9a-f]{64}/,
    ) as string,
  });
  const other = [...packages, { name: 'evil', file: 'evil.rpm', unsigned: 'f'.repeat(64) }];
  await expect(reproduceRpms({ root, set: 'demo', vendor: 'us', packages: other })).rejects.toThrow(
    'expected no such RPM',
  );
});
