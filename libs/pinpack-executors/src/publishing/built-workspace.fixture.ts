/** Writes a workspace whose reqset `demo` is built: wheels that pip installs, and a folder in the form of a repository. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ExecutorContext } from '@nx/devkit';
import { CanonicalWheelEncoder, formatRecord, type LockedPackage } from '@pinpack/python-dist';
import { vi } from 'vitest';
import { samplePackage } from '@pinpack/rpm-packaging/testing';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { writeText, writeWorkspace } from '../workspace/workspace.fixture.js';

/** A pure wheel of one module whose `VERSION` is its version. @param requires - lines of Requires-Dist */
export function sampleWheel(name: string, version: string, requires: readonly string[] = []): Buffer {
  const info = `${name}-${version}.dist-info`;
  const metadata = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, 'Requires-Python: >=3.6'];
  const contents = new Map([
    [`${name}/__init__.py`, `VERSION = "${version}"\n`],
    [`${info}/METADATA`, `${[...metadata, ...requires.map((one) => `Requires-Dist: ${one}`)].join('\n')}\n`],
    [`${info}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: specs\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
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

export interface SamplePin {
  name: string;
  version: string;
  requires?: string[];
}

function lockedPin({ name, version, requires = [] }: SamplePin): { locked: LockedPackage; wheel: Buffer } {
  const wheel = sampleWheel(name, version, requires);
  const file = {
    name: `${name}-${version}-py3-none-any.whl`,
    size: wheel.length,
    sha256: createHash('sha256').update(wheel).digest('hex'),
  };
  return { locked: samplePackage({ name, version, source: { kind: 'wheel', wheel: file } }), wheel };
}

/** @returns the workspace's root. @param rpms - contents of `packages/`, by file name */
export async function writeBuiltWorkspace(pins: readonly SamplePin[], rpms: Record<string, string>): Promise<string> {
  const built = pins.map(lockedPin);
  const root = await writeWorkspace(
    'demo',
    built.map(({ locked }) => locked),
  );
  mkdirSync(join(root, 'dist/wheels/demo'), { recursive: true });
  for (const { locked, wheel } of built) {
    if (locked.source.kind === 'wheel') writeFileSync(join(root, 'dist/wheels/demo', locked.source.wheel.name), wheel);
  }
  writeRepository(root, rpms);
  return root;
}

export function writeRepository(root: string, rpms: Record<string, string>): void {
  rmSync(join(root, 'dist/repo/demo'), { recursive: true, force: true });
  const files = Object.entries(rpms).map(([name, content]) => [`packages/${name}`, content] as const);
  for (const [path, content] of [
    ...files,
    ['repodata/repomd.xml', `<repomd>${JSON.stringify(rpms)}</repomd>`] as const,
    ['repository.json', '{ "format": 1 }'] as const,
  ]) {
    writeText(root, `dist/repo/demo/${path}`, content);
  }
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
