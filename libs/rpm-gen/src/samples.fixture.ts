/** Packages for specs, built in code. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Compression } from './compression.js';
import type { RpmEntry } from './entries.js';
import { packPayload } from './payload.js';
import { encodeRpm } from './rpm.js';
import { fileName, type RpmSpec } from './spec.js';

export const ZSTD: Compression = { kind: 'zstd', level: 3 };
export const XZ: Compression = { kind: 'xz', level: 2 };
export const GZIP: Compression = { kind: 'gzip', level: 9 };
export const NONE: Compression = { kind: 'none' };
/** One of each kind. */
export const COMPRESSIONS = [ZSTD, XZ, GZIP, NONE];

export function textFile(path: string, text: string, more: Partial<RpmEntry> = {}): RpmEntry {
  const data = Buffer.from(text);
  return { path, kind: 'file', mode: 0o644, size: data.length, read: () => ({ data }), ...more };
}

export function folder(path: string, more: Partial<RpmEntry> = {}): RpmEntry {
  return { path, kind: 'directory', mode: 0o755, size: 0, ...more };
}

export function symlink(path: string, target: string): RpmEntry {
  return { path, kind: 'symlink', target, mode: 0o777, size: 0 };
}

export function ghost(path: string): RpmEntry {
  return { path, kind: 'file', ghost: true, mode: 0o644, size: 0 };
}

export function minimalSpec(more: Partial<RpmSpec> = {}): RpmSpec {
  return {
    name: 'tiny',
    version: '1.2',
    release: '3',
    architecture: 'noarch',
    summary: 'A tiny package',
    description: 'A tiny package\nof two lines.',
    license: 'MIT',
    buildTime: 1_700_000_000,
    buildHost: 'builder.example',
    scriptlets: {},
    changelog: [],
    ...more,
  };
}

/** One of everything: names that sort surprisingly, an empty file, a symlink, setuid, Unicode, a ghost. */
export function sampleEntries(): RpmEntry[] {
  return [
    ghost('/var/lib/tiny/ghost.whl'),
    folder('/usr/lib/tiny'),
    folder('/usr/lib/tiny/sub'),
    folder('/usr/lib/tiny/été'),
    textFile('/usr/lib/tiny/été/fichier ✓ 🦀.txt', 'unicode\n'),
    textFile('/usr/lib/tiny/sub-x', 'sorts between sub and sub/\n'),
    textFile('/usr/lib/tiny/sub/run', '#!/bin/sh\n', { mode: 0o4755 }),
    symlink('/usr/lib/tiny/sub/link', '../a.txt'),
    textFile('/usr/lib/tiny/a.txt', 'hello\n'),
    textFile('/usr/lib/tiny/empty', ''),
    textFile('/usr/lib/tiny/tiny.conf', 'key=value\n', { config: 'noreplace' }),
    textFile('/usr/lib/tiny/other.conf', 'key=value\n', { config: 'replace', mode: 0o600 }),
    textFile('/usr/lib/tiny/LICENSE', 'MIT\n', { license: true }),
    textFile('/usr/lib/tiny/README', 'Read me\n', { doc: true }),
    folder('/var/lib/tiny', { mode: 0o1777 }),
  ];
}

/** Names of one file, special files, and every mark that a file can have. */
export function unusualEntries(): RpmEntry[] {
  return [
    textFile('/usr/t/b', 'shared by three names'),
    { path: '/usr/t/a', kind: 'hardlink', target: '/usr/t/b', mode: 0, size: 0 },
    { path: '/usr/t/sub/c', kind: 'hardlink', target: '/usr/t/b', mode: 0, size: 0 },
    textFile('/usr/t/y', 'two names'),
    { path: '/usr/t/z', kind: 'hardlink', target: '/usr/t/y', mode: 0, size: 0 },
    { path: '/usr/t/fifo', kind: 'fifo', mode: 0o600, size: 0 },
    { path: '/usr/t/null', kind: 'characterDevice', device: { major: 1, minor: 3 }, mode: 0o666, size: 0 },
    { path: '/usr/t/loop', kind: 'blockDevice', device: { major: 7, minor: 255 }, mode: 0o660, size: 0 },
    textFile('/usr/t/fr', 'bonjour', { language: 'fr' }),
    textFile('/usr/t/cap', 'x', { capabilities: 'cap_net_bind_service=ep', mode: 0o755 }),
    textFile('/usr/t/missing', 'x', { config: 'noreplace', missingOk: true }),
    textFile('/usr/t/unverified', 'x', { unverified: ['digest', 'size', 'mtime'] }),
    textFile('/usr/t/part', 'x', { artifact: true }),
    folder('/usr/t/ghosts', { ghost: true }),
    { ...symlink('/usr/t/link', 'b'), ghost: true },
    { ...ghost('/usr/t/state'), unverified: ['mode', 'user', 'group'] },
  ];
}

export async function sampleRpm(
  spec: RpmSpec = minimalSpec(),
  entries: RpmEntry[] = sampleEntries(),
  compression: Compression = ZSTD,
): Promise<Buffer> {
  const { chunks } = encodeRpm(spec, await packPayload(entries, compression));
  return Buffer.concat(chunks);
}

/** Writes the package under its own name; gives the path. */
export function writeRpm(at: string, spec: RpmSpec, rpm: Uint8Array): string {
  const path = join(at, fileName(spec));
  writeFileSync(path, rpm);
  return path;
}
