/** Delta RPMs by the real programs, and payloads that are large enough to show where a compressor's bytes part from the stock library's. */
import { execa } from 'execa';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { OFFERED_COMPRESSIONS, parseCompression, type Compression } from './compression.js';
import type { RpmEntry } from './entries.js';
import { readRpm } from './read.js';
import { folder, minimalSpec, sampleRpm, textFile, writeRpm } from './samples.fixture.js';

const MEGABYTE = 1024 * 1024;

/** How far back each compressor looks for repetitions, in megabytes. */
const WINDOWS: Readonly<Record<string, number>> = {
  'zstd:1': 0.5,
  'zstd:2': 1,
  'zstd:3': 2,
  'zstd:4': 2,
  'zstd:15': 4,
  'zstd:19': 8,
  'xz:1': 1,
  'xz:2': 2,
  'xz:6': 8,
  'gzip:9': 0.03125,
  none: 1,
};

/** Machine code, constants and text, all real: more than the window of the compressor. */
export function largeContent(compression: string): Buffer {
  const size = 1.5 * MEGABYTE * (WINDOWS[compression] ?? Number.NaN);
  const program = readFileSync(process.execPath).subarray(0, (size * 2) / 3);
  const text = readFileSync(createRequire(import.meta.url).resolve('typescript')).subarray(0, size / 3);
  return Buffer.concat([program, text]);
}

/** A file, and what an upgrade makes of it: some bytes come, some go, some change. */
export function upgradeOf(content: Buffer): Buffer {
  const third = Math.floor(content.length / 3);
  const changed = Buffer.from(content.subarray(third));
  for (let at = third; at < changed.length; at += MEGABYTE) changed.writeUInt32LE(at, at - 4);
  return Buffer.concat([
    content.subarray(0, third),
    Buffer.from('What the new version brings.'),
    changed.subarray(100),
  ]);
}

/** Below a folder of its own, so that a sandbox can show the installed files there. */
export const INSTALLED = '/opt/tiny';

/** The content as one file, as a wheel is stored. */
export function oneFile(content: Buffer): RpmEntry[] {
  return [folder(INSTALLED), dataFile(`${INSTALLED}/tiny.whl`, content)];
}

/** The content in pieces of many sizes, in folders. */
export function treeOf(content: Buffer): RpmEntry[] {
  const files: RpmEntry[] = [];
  for (let at = 0, size = 1000; at < content.length; at += size, size = (size * 7) % 900_001) {
    const name = `${INSTALLED}/${files.length % 10}/file-${files.length}`;
    files.push(dataFile(name, content.subarray(at, at + size)));
  }
  const folders = Array.from({ length: 10 }, (_, i) => folder(`${INSTALLED}/${i}`));
  return [folder(INSTALLED), ...folders.slice(0, files.length), ...files, textFile(`${INSTALLED}/empty`, '')];
}

function dataFile(path: string, data: Buffer): RpmEntry {
  return textFile(path, '', { size: data.length, read: () => ({ data }) });
}

export interface Upgrade {
  /** Paths. */
  before: string;
  after: string;
}

/** Two versions of one package in a folder. */
export async function writeUpgrade(
  at: string,
  entries: readonly [before: RpmEntry[], after: RpmEntry[]],
  compressions: readonly [before: Compression, after: Compression],
): Promise<Upgrade> {
  const [before, after] = [minimalSpec(), minimalSpec({ version: '1.3' })];
  return {
    before: writeRpm(at, before, await sampleRpm(before, entries[0], compressions[0])),
    after: writeRpm(at, after, await sampleRpm(after, entries[1], compressions[1])),
  };
}

/** What suffices for the old RPM, which is only read. */
export function quickestOf({ kind }: Compression): Compression {
  return parseCompression(OFFERED_COMPRESSIONS.find((text) => text.startsWith(kind)) ?? 'none');
}

/** Path of a delta that can be applied to the old RPM as well as to installed files, as createrepo_c and dnf want it. */
export async function makeDelta(
  at: string,
  { before, after }: Upgrade,
  options: readonly string[] = [],
): Promise<string> {
  const delta = join(at, 'delta.drpm');
  await execa('makedeltarpm', [...options, before, after, delta]);
  return delta;
}

/** The RPM that comes out. */
export async function applyToOldRpm(at: string, delta: string, { before }: Upgrade): Promise<Buffer> {
  const applied = join(at, 'from-rpm.rpm');
  await execa('applydeltarpm', ['-r', before, delta, applied]);
  return readFileSync(applied);
}

/**
 * The RPM that comes out where the old one is installed, as dnf does it. `applydeltarpm` asks a program, which Debian's package lacks, for the header
 * of the installed package; the sandbox has one that knows this header.
 */
export async function applyToInstalledFiles(
  at: string,
  delta: string,
  { before }: Upgrade,
  installed: readonly RpmEntry[],
): Promise<Buffer> {
  const [tree, programs, applied] = [join(at, 'installed'), join(at, 'programs'), join(at, 'from-files.rpm')];
  await install(tree, installed);
  mkdirSync(programs);
  const rpm = readFileSync(before);
  const { headerOffset, payloadOffset } = readRpm(rpm);
  writeFileSync(join(programs, 'header'), rpm.subarray(headerOffset, payloadOffset));
  writeFileSync(join(programs, 'rpmdumpheader'), '#!/bin/sh\nexec cat /usr/bin/header\n', { mode: 0o755 });
  await execa('bwrap', [
    ...['--unshare-all', '--die-with-parent', '--ro-bind', '/', '/', '--tmpfs', '/usr/bin', '--tmpfs', '/tmp'],
    ...['applydeltarpm', 'sh', 'cat'].flatMap((name) => ['--ro-bind', `/usr/bin/${name}`, `/usr/bin/${name}`]),
    ...['header', 'rpmdumpheader'].flatMap((name) => ['--ro-bind', join(programs, name), `/usr/bin/${name}`]),
    ...['--tmpfs', '/opt', '--ro-bind', join(tree, INSTALLED), INSTALLED, '--bind', at, at],
    ...['--', '/usr/bin/applydeltarpm', delta, applied],
  ]);
  return readFileSync(applied);
}

async function install(tree: string, entries: readonly RpmEntry[]): Promise<void> {
  for (const { path, kind, read } of entries) {
    const target = join(tree, path);
    mkdirSync(kind === 'directory' ? target : dirname(target), { recursive: true });
    if (kind === 'file') writeFileSync(target, (await read?.())?.data ?? '');
  }
}
