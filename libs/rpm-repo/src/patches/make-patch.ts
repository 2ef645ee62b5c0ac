/** Makes the patch from one RPM to another, or one that contains the whole RPM in a stronger compression, and checks it before it is kept. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Of } from '@pinpack/common/digest';
import { runForBytes } from '@pinpack/common/program';
import { readRpm, unpackPayload, type HeaderTags } from '@pinpack/rpm-gen';
import type { Refusal } from '../delta.js';
import { RepoError } from '../repo-error.js';
import { encodePatch } from './encode-patch.js';
import type { RpmParts } from './plan-patch.js';

export interface MakePatchRequest {
  /** Paths of the RPMs, as they are published; without an old one the patch is made against nothing. */
  oldRpm: string | undefined;
  newRpm: string;
  /** Where the patch goes. */
  path: string;
  /** The bytes that a server downloads without this patch, and the share of them that a patch may have. */
  instead: number;
  share: number;
}

export interface Patch {
  size: number;
  /** Of the patch, of the RPM that it makes, and of the parts that it is made against; in hex. */
  sha256: string;
  rpm: string;
  unpacked: number;
  old?: { header: string; payload: string };
}

/** RPMs of more content would take too much memory here. */
const LARGEST = 2 ** 30;

/** Keeps another process busy, so several can be made at once. @throws RepoError `REPO_PROGRAM_FAILED` */
export async function makePatch(request: MakePatchRequest): Promise<Patch | Refusal> {
  // Specs run the sources, which Node itself cannot.
  if (import.meta.url.endsWith('.ts')) return makePatchHere(request);
  const script = fileURLToPath(new URL('./patch-process.js', import.meta.url));
  const { failed, stdout, stderr } = await runForBytes(process.execPath, [script, JSON.stringify(request)]);
  if (failed)
    throw new RepoError('REPO_PROGRAM_FAILED', basename(request.newRpm), [
      'making its patch failed',
      stderr.toString().trim(),
    ]);
  return JSON.parse(stdout.toString()) as Patch | Refusal;
}

/** Keeps this thread busy. @throws RpmError */
export async function makePatchHere({
  oldRpm,
  newRpm,
  path,
  instead,
  share,
}: MakePatchRequest): Promise<Patch | Refusal> {
  const bytes = await readFile(newRpm);
  const { header, payloadOffset } = readRpm(bytes, basename(newRpm));
  const preset = presetOf(header);
  if (preset === undefined)
    return {
      refused: `its payload is compressed by ${header.PAYLOADCOMPRESSOR ?? 'gzip'}, which servers cannot repeat: set the compression to none or xz`,
    };
  if (oldRpm === undefined && preset > 0) return { refused: 'its payload is compressed already' };
  const fresh: RpmParts = {
    head: bytes.subarray(0, payloadOffset),
    payload: await unpackPayload(bytes, basename(newRpm)),
  };
  const old = oldRpm === undefined ? undefined : await readOld(oldRpm);
  const unpacked = fresh.head.length + fresh.payload.length;
  if (Math.max(unpacked, old?.payload.length ?? 0) > LARGEST)
    return { refused: `its content is more than ${LARGEST} bytes` };
  const patch = await encodePatch({ old, fresh, preset });
  if (patch === undefined) return { refused: 'it contains files of 4 GiB or more' };
  if (patch.length > share * instead)
    return {
      refused: `the patch's ${patch.length} bytes are more than ${Math.round(100 * share)}% of the ${instead} that are downloaded without it`,
    };
  await writeFile(path, patch);
  const parts = old && { old: { header: sha256Of(old.head), payload: sha256Of(old.payload) } };
  return { size: patch.length, sha256: sha256Of(patch), rpm: sha256Of(bytes), unpacked, ...parts };
}

/** The preset of xz, 0 for no compression; undefined: the server cannot repeat the compression. */
function presetOf({ PAYLOADCOMPRESSOR: compressor, PAYLOADFLAGS: flags }: HeaderTags): number | undefined {
  if (compressor === undefined) return flags === '' ? 0 : undefined;
  return compressor === 'xz' && /^[126]$/.test(flags ?? '') ? Number(flags) : undefined;
}

async function readOld(path: string): Promise<RpmParts> {
  const bytes = await readFile(path);
  const { headerOffset, payloadOffset } = readRpm(bytes, basename(path));
  return { head: bytes.subarray(headerOffset, payloadOffset), payload: await unpackPayload(bytes, basename(path)) };
}
