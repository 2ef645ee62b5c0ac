/** Patches as the program on servers applies them: with every Python that it supports, and when they were changed. */
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Of } from '@pinpack/common/digest';
import { encodeRpm, packPayload, readPayload, readRpm, type Compression, type RpmEntry } from '@pinpack/rpm-gen';
import {
  attempt,
  fuzzRuns,
  installedPythons,
  mutate,
  seededRandom,
  temporaryFolder,
  type Random,
} from '@pinpack/testing';
import { describe, expect, it } from 'vitest';
import { makePatch, type Patch } from './make-patch.js';

const PROGRAM = fileURLToPath(new URL('../../../pinpack-dnf/bin/pinpack-patch', import.meta.url));
const at = temporaryFolder();
chmodSync(at, 0o755);
const random = seededRandom(1);

/** Text, code-like and random files; empty ones, a symlink, names with spaces and other scripts. */
function draw(): Map<string, Buffer> {
  const files = new Map<string, Buffer>([['empty', Buffer.of()]]);
  for (let i = 0; i < 12; i++) {
    const size = random.below(random.pick([10, 1000, 100_000]));
    const bytes = Buffer.alloc(size, random.pick(['abc\n', 'some longer line of text\n', '\0']));
    for (let j = 0; j < size; j += 1 + random.below(50)) bytes[j] = random.below(256);
    files.set(random.pick(['a', 'b c', 'd/é']) + String(i), bytes);
  }
  return files;
}

/** As versions differ: changed, moved, removed and added files. */
function change(old: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const all = [...old.values()];
  const changed = [...old].flatMap(([name, data]): [string, Buffer][] => {
    switch (random.below(5)) {
      case 0:
        return [[name, mutate(data, random, all)]];
      case 1:
        return [[`moved-${name.replace('/', '-')}`, data]];
      case 2:
        return [];
      default:
        return [[name, data]];
    }
  });
  return new Map([...changed, ['added', random.pick(all)]]);
}

async function writeRpm(
  path: string,
  version: string,
  files: ReadonlyMap<string, Buffer>,
  compression: Compression,
): Promise<void> {
  const folders = new Set([...files.keys()].flatMap((name) => (name.includes('/') ? [dirname(name)] : [])));
  const entries: RpmEntry[] = [
    { path: '/opt/sample', kind: 'directory', mode: 0o755, size: 0 },
    ...[...folders].map((name): RpmEntry => ({ path: `/opt/sample/${name}`, kind: 'directory', mode: 0o755, size: 0 })),
    { path: '/opt/sample/link', kind: 'symlink', mode: 0o777, size: 5, target: 'empty' },
    { path: '/opt/sample/ghost', kind: 'file', ghost: true, mode: 0o644, size: 0 },
    ...[...files].map(([name, data]): RpmEntry => ({
      ...{ path: `/opt/sample/${name}`, kind: 'file', mode: 0o644, size: data.length },
      read: () => ({ data }),
    })),
  ];
  const spec = {
    ...{
      name: 'sample',
      version,
      release: '1',
      architecture: 'noarch' as const,
      summary: 'A sample',
      description: 'A sample.',
    },
    ...{ license: 'MIT', buildTime: 1, buildHost: 'builder.example', scriptlets: {}, changelog: [] },
  };
  writeFileSync(path, Buffer.concat(encodeRpm(spec, await packPayload(entries, compression)).chunks));
}

interface Case {
  patch: Patch;
  job: Record<string, unknown>;
  folder: string;
}

/** Two versions, the patch between them, and the old version's files as rpm installs them. */
async function makeCase(name: string, compression: Compression, from: Random = random): Promise<Case> {
  const folder = join(at, `${name}-${from.below(1e9)}`);
  const [oldRpm, newRpm, path] = [join(folder, 'old.rpm'), join(folder, 'new.rpm'), join(folder, 'patch')];
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  const old = draw();
  await writeRpm(oldRpm, '1', old, { kind: 'zstd', level: 3 });
  await writeRpm(newRpm, '2', change(old), compression);
  const instead = statSync(newRpm).size;
  const patch = await makePatch({ oldRpm, newRpm, path, instead, share: 1 });
  if ('refused' in patch) throw new TypeError(patch.refused);
  const bytes = readFileSync(oldRpm);
  const { headerOffset, payloadOffset } = readRpm(bytes);
  for (const { path: file, data } of await readPayload(bytes)) {
    if (data === undefined) continue;
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), data);
  }
  const header = join(folder, 'header');
  writeFileSync(header, bytes.subarray(headerOffset, payloadOffset));
  const job = {
    ...{
      patch: path,
      patch_size: patch.size,
      patch_sha256: patch.sha256,
      output: join(folder, 'made.rpm'),
      root,
      header,
    },
    ...{ header_sha256: patch.old?.header, payload_sha256: patch.old?.payload },
    ...{ rpm_size: instead, rpm_sha256: patch.rpm, unpacked_size: patch.unpacked },
  };
  return { patch, job, folder };
}

async function apply(python: string, { job, folder }: Case): Promise<{ exitCode: number; output: string }> {
  rmSync(join(folder, 'made.rpm'), { force: true });
  writeFileSync(join(folder, 'job'), JSON.stringify(job));
  const shell = ['-c', 'exec "$0" -IBS "$1" < "$2"', python, PROGRAM, join(folder, 'job')];
  return attempt('/bin/sh', shell);
}

describe('a patch', () => {
  const pythons = installedPythons();
  it.each<Compression>([
    { kind: 'none' },
    { kind: 'xz', level: 1 },
    { kind: 'xz', level: 2 },
    { kind: 'xz', level: 6 },
  ])('makes the new RPM ($kind $level) under every Python', async (compression) => {
    expect(pythons.length).toBeGreaterThan(0);
    for (const python of pythons) {
      const one = await makeCase('made', compression);
      const { exitCode, output } = await apply(python, one);
      expect(exitCode, `${python}: ${output}`).toBe(0);
      expect(sha256Of(readFileSync(join(one.folder, 'made.rpm')))).toBe(one.patch.rpm);
    }
  });

  it('has the same bytes each time', async () => {
    const digests = [];
    for (let i = 0; i < 2; i++) digests.push((await makePatchOfSamples()).sha256);
    expect(digests[0]).toBe(digests[1]);
  });

  it('that was changed is refused with one line before anything is read from it', async () => {
    const one = await makeCase('changed', { kind: 'none' });
    const bytes = readFileSync(join(one.folder, 'patch'));
    writeFileSync(join(one.folder, 'patch'), mutate(bytes, random));
    const { exitCode, output } = await apply(pythons[0] ?? '', one);
    expect([exitCode, output]).toEqual([1, 'the patch is not the one that the repository lists']);
  });

  it('is refused with one line, whatever is in it, even if its digest is right', { timeout: 300_000 }, async () => {
    const one = await makeCase('fuzzed', { kind: 'none' });
    const bytes = readFileSync(join(one.folder, 'patch'));
    for (let run = 0; run < fuzzRuns(20); run++) {
      const changed = mutate(bytes, random);
      if (changed.equals(bytes)) continue;
      writeFileSync(join(one.folder, 'patch'), changed);
      const job = { ...one.job, patch_size: changed.length, patch_sha256: sha256Of(changed) };
      const { exitCode, output } = await apply(pythons[run % pythons.length] ?? '', { ...one, job });
      expect(exitCode, output).toBe(1);
      expect(output.split('\n')).toHaveLength(1);
      expect(output).toMatch(/^(?:the patch|the rebuilt RPM)/);
    }
  });

  it('that would take more memory than the format allows is refused', async () => {
    const one = await makeCase('memory', { kind: 'none' });
    const path = join(one.folder, 'patch');
    const bytes = readFileSync(path);
    const [streams, control] = [128, Number(bytes.readBigUInt64BE(48))];
    const { output: hex } = await attempt('/bin/sh', [
      '-c',
      'head -c 100000000 /dev/zero | xz --format=xz --lzma2=preset=6,dict=512MiB --check=crc32 | od -An -v -tx1',
    ]);
    const large = Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
    const header = Buffer.from(bytes.subarray(0, streams));
    header.writeBigUInt64BE(BigInt(large.length), 48);
    const changed = Buffer.concat([header, large, bytes.subarray(streams + control)]);
    writeFileSync(path, changed);
    const job = { ...one.job, patch_size: changed.length, patch_sha256: sha256Of(changed) };
    const { exitCode, output } = await apply(pythons[0] ?? '', { ...one, job });
    expect([exitCode, output]).toEqual([1, expect.stringMatching(/^the patch is damaged: Memory usage limit/)]);
  });

  it.runIf(process.getuid?.() === 0)('is applied without the rights of root', async () => {
    const one = await makeCase('rights', { kind: 'none' });
    chmodSync(join(one.folder, 'root/opt/sample'), 0o700);
    const { exitCode, output } = await apply('/usr/bin/python3', one);
    expect([exitCode, output]).toEqual([1, expect.stringMatching(/opt\/sample\/.*: Permission denied$/)]);
  });
});

async function makePatchOfSamples(): Promise<Patch> {
  const folder = join(at, 'same');
  mkdirSync(folder, { recursive: true });
  const [oldRpm, newRpm] = [join(folder, 'old.rpm'), join(folder, 'new.rpm')];
  const text = (line: string) => new Map([['file', Buffer.from(line.repeat(5000))]]);
  await writeRpm(oldRpm, '1', text('one line\n'), { kind: 'none' });
  await writeRpm(newRpm, '2', text('one Line\n'), { kind: 'none' });
  const patch = await makePatch({ oldRpm, newRpm, path: join(folder, 'patch'), instead: 1e9, share: 1 });
  if ('refused' in patch) throw new TypeError(patch.refused);
  return patch;
}
