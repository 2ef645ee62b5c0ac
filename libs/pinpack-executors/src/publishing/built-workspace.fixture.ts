/** Writes a workspace whose reqset `demo` is built: wheels that pip installs, and a folder in the form of a repository. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ExecutorContext } from '@nx/devkit';
import { CanonicalWheelEncoder, formatRecord, type LockedPackage } from '@pinpack/python-dist';
import type { Publications } from '@pinpack/publication';
import { RUNTIME, WHEELHOUSE } from '@pinpack/rpm-packaging';
import type { Signer } from '@pinpack/rpm-repo';
import { vi } from 'vitest';
import { samplePackage } from '@pinpack/rpm-packaging/testing';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { makeRepository } from '../repository/make-repository.js';
import { writeRpm } from '../repository/publication.fixture.js';
import { readPublishSettings } from '../workspace/publish-settings.js';
import type { RpmRequest } from '../rpms/rpm-request.js';
import { WheelFetcher } from '../wheels/fetch-wheel.js';
import { PinWheels } from '../wheels/pin-wheels.js';
import { writeWorkspace } from '../workspace/workspace.fixture.js';

/** What a sample wheel has besides its module. */
interface SampleContent {
  /** Lines of Requires-Dist. */
  requires?: readonly string[];
  /** Other lines of METADATA. */
  metadata?: readonly string[];
  /** Other files: texts by path. */
  files?: Readonly<Record<string, string>>;
}

/** A pure wheel of one module whose `VERSION` is its version. */
export function sampleWheel(
  name: string,
  version: string,
  { requires = [], metadata: more = [], files: others = {} }: SampleContent = {},
): Buffer {
  const info = `${name}-${version}.dist-info`;
  const metadata = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, 'Requires-Python: >=3.6', ...more];
  const contents = new Map([
    [`${name}/__init__.py`, `VERSION = "${version}"\n`],
    [`${info}/METADATA`, `${[...metadata, ...requires.map((one) => `Requires-Dist: ${one}`)].join('\n')}\n`],
    [`${info}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: specs\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
    ...Object.entries(others),
  ]);
  const rows = [...contents].map(([path, text]) => {
    const hex = createHash('sha256').update(text).digest('hex');
    return { path, size: Buffer.byteLength(text), digest: { algorithm: 'sha256' as const, hex } };
  });
  contents.set(`${info}/RECORD`, formatRecord([...rows, { path: `${info}/RECORD` }]));
  const files = [...contents].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  const entries = files.map(([path, text]) => ({ name: path, size: Buffer.byteLength(text), mode: 0o644 as const }));
  const encoder = new CanonicalWheelEncoder(entries);
  const pieces = files.flatMap(([, text], index) => {
    const data = Buffer.from(text);
    const entry = entries[index];
    return entry === undefined ? [] : encoder.add(entry, data, crc32(data));
  });
  return Buffer.concat([...pieces, ...encoder.finish()]);
}

export interface SamplePin extends SampleContent {
  name: string;
  version: string;
  /** PEP 503 names of the pins that it requires, for the lock. */
  dependencies?: string[];
}

function lockedPin({ name, version, dependencies = [], ...content }: SamplePin): {
  locked: LockedPackage;
  wheel: Buffer;
} {
  const wheel = sampleWheel(name, version, content);
  const file = {
    name: `${name}-${version}-py3-none-any.whl`,
    size: wheel.length,
    sha256: createHash('sha256').update(wheel).digest('hex'),
  };
  return { locked: samplePackage({ name, version, dependencies, source: { kind: 'wheel', wheel: file } }), wheel };
}

/**
 * @param seed - determines the content of the RPMs in the repository; without it there is no repository
 * @param signer - of the repository
 * @returns the workspace's root
 */
export async function writeBuiltWorkspace(pins: readonly SamplePin[], seed?: string, signer?: Signer): Promise<string> {
  const built = pins.map(lockedPin);
  const root = await writeWorkspace(
    'demo',
    built.map(({ locked }) => locked),
  );
  mkdirSync(join(root, 'dist/wheels/demo'), { recursive: true });
  for (const { locked, wheel } of built) {
    if (locked.source.kind === 'wheel') writeFileSync(join(root, 'dist/wheels/demo', locked.source.wheel.name), wheel);
  }
  if (seed !== undefined) await writeRepository(root, pins, { seed, signer });
  return root;
}

/** A request for wheel RPMs of the reqset `demo`, without a store. */
export function rpmRequest(root: string, vendor: string): Omit<RpmRequest, 'pin'> {
  const inTurn = <Result>(task: () => Promise<Result>) => task();
  const wheels = new PinWheels(root, new WheelFetcher(root, Promise.resolve(undefined), {}));
  return { root, reqset: 'demo', vendor, store: undefined, wheels, inTurn, packing: inTurn };
}

/** The RPMs of the pins and of pinpack, and their repository as `repo` makes it. */
export async function writeRepository(
  root: string,
  pins: readonly SamplePin[],
  { seed, signer, publication }: { seed: string; signer?: Signer | undefined; publication?: Publications },
): Promise<void> {
  for (const { name, version } of pins)
    await writeRpm(join(root, 'dist/rpms/demo'), { name: `demo-wheel-${name}`, version: `${version}.0`, seed });
  for (const name of [RUNTIME, WHEELHOUSE]) await writeRpm(join(root, 'dist/rpms'), { name, version: '0.1.0', seed });
  const tools = { settings: readPublishSettings({}, {}), publication, signer };
  await makeRepository({ root, set: 'demo', vendor: 'pinpack', tools, environment: {} });
}

/** Runs an executor. @returns its output and whether it succeeded */
export async function runExecutor<Options>(
  executor: (options: Options, context: ExecutorContext) => Promise<{ success: boolean }>,
  options: Options,
  { root, plugin }: { root: string; plugin: PluginOptions },
): Promise<{ success: boolean; output: string; errors: string }> {
  const lines = (method: 'log' | 'warn' | 'error') => {
    const spy = vi.spyOn(console, method).mockReturnValue(undefined);
    return { spy, text: () => spy.mock.calls.map(([line]) => String(line)).join('\n') };
  };
  const progress = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const [log, warn, error] = [lines('log'), lines('warn'), lines('error')];
  try {
    const nxJsonConfiguration = { plugins: [{ plugin: 'pinpack', options: plugin }] };
    const context = { root, nxJsonConfiguration } as unknown as ExecutorContext;
    const { success } = await executor(options, context);
    return {
      success,
      output: [log.text(), warn.text()].filter((text) => text !== '').join('\n'),
      errors: error.text(),
    };
  } finally {
    for (const { spy } of [log, warn, error]) spy.mockRestore();
    progress.mockRestore();
  }
}
