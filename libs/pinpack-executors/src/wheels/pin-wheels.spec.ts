import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pinsOf, type Pin } from '@pinpack/python-dist';
import { sha256OfFile } from '@pinpack/common/digest';
import { beforeEach, expect, it } from 'vitest';
import { writeBuiltWorkspace } from '../publishing/built-workspace.fixture.js';
import { readLock } from '../workspace/read-lock.js';
import { WheelFetcher } from './fetch-wheel.js';
import { PinWheels } from './pin-wheels.js';

let root: string;
let pin: Pin;
let wheels: PinWheels;
let path: string;

beforeEach(async () => {
  root = await writeBuiltWorkspace([{ name: 'small', version: '1.0' }]);
  // An index that cannot answer.
  await writeFile(join(root, 'uv.toml'), 'index-url = "http://127.0.0.1:9/simple"\n');
  pin = pinsOf(readLock(root, 'demo'))[0] ?? expect.fail('there is no pin');
  wheels = new PinWheels(root, new WheelFetcher(root, Promise.resolve(undefined), {}));
  path = join(root, 'dist/wheels/demo/small-1.0-py3-none-any.whl');
});

it('uses the wheel in dist/wheels, and the index if it is damaged or missing', async () => {
  const wheel = await wheels.find('demo', pin);
  expect(wheel).toMatchObject({ fileName: 'small-1.0-py3-none-any.whl', sha256: await sha256OfFile(path) });
  expect(await wheel.open()).toBe(path);
  await writeFile(path, 'damaged');
  await expect(wheel.open()).rejects.toMatchObject({ code: 'DIST_INDEX_UNREACHABLE' });
  await rm(path);
  await expect(wheel.open()).rejects.toMatchObject({ code: 'DIST_INDEX_UNREACHABLE' });
});

it('verifies a wheel of the workspace', async () => {
  const { source } = pin;
  const file = 'wheel' in source ? source.wheel : expect.fail('the pin has no wheel');
  const prebuilt: Pin = {
    ...pin,
    source: { kind: 'prebuilt', path: 'dist/wheels/demo/small-1.0-py3-none-any.whl', wheel: file },
  };
  const wheel = await wheels.find('demo', prebuilt);
  expect(await wheel.open()).toBe(path);
  await writeFile(path, 'damaged');
  await expect(wheel.open()).rejects.toMatchObject({ code: expect.stringMatching(/^DIST_/) as string });
});

it('needs the wheel of a source pin to be built', async () => {
  const built: Pin = { ...pin, source: { kind: 'directory', path: 'apps/small', buildRequires: [] } as never };
  expect((await wheels.find('demo', built)).sha256).toBe(await sha256OfFile(path));
  await rm(path);
  await expect(wheels.find('demo', built)).rejects.toMatchObject({ code: 'PINPACK_WHEEL_MISSING' });
});
