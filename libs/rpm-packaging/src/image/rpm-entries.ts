// Reads an RPM's files as entries of an image layer, with their modes and times, owned by root.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import type { LayerEntry } from '@pinpack/oci-image';
import { readPayload, readRpm } from '@pinpack/rpm-gen';
import { PackagingError } from '../packaging-error.js';
import { unpackStored } from './stored-wheel.js';

export interface RpmFacts {
  path: string;
  name: string;
  version: string;
  release: string;
  architecture: string;
  /** Of the file, in hex. */
  sha256: string;
  /** Bytes, installed. */
  size: number;
  /** `libc.so.6(GLIBC_2.14)(64bit)`, … */
  requires: string[];
}

/** @throws RpmError `RPM_DAMAGED` */
export async function readRpmFacts(path: string): Promise<RpmFacts> {
  const data = await readFile(path);
  const { header } = readRpm(data, basename(path));
  const { NAME = '', VERSION = '', RELEASE = '', ARCH = '', REQUIRENAME = [] } = header;
  return {
    path,
    name: NAME,
    version: VERSION,
    release: RELEASE,
    architecture: ARCH,
    sha256: sha256Of(data),
    size: (header.LONGSIZE ?? header.SIZE)?.[0] ?? 0,
    requires: REQUIRENAME,
  };
}

/** What identifies an RPM and its content. */
export type RpmFile = Pick<RpmFacts, 'path' | 'sha256'>;

/** The files of a wheel RPM's wheel, unpacked; the same for both layouts. */
export async function readWheelEntries(rpm: RpmFile): Promise<LayerEntry[]> {
  return unpackStored(await readRpmEntries(rpm));
}

/** @throws RpmError `RPM_DAMAGED`, PackagingError `PINPACK_IMAGE_PAYLOAD` if the file changed since its facts were read */
export async function readRpmEntries({ path, sha256 }: RpmFile): Promise<LayerEntry[]> {
  const data = await readFile(path);
  const subject = basename(path);
  const found = sha256Of(data);
  if (found !== sha256) throw unusable(subject, `its sha256 is ${found}, expected ${sha256}`);
  const files = await readPayload(data, subject);
  return files.map(({ kind, ...file }): LayerEntry => {
    if (kind === 'other') throw unusable(subject, `${file.path} is neither a file, a directory nor a symlink`);
    return { ...file, kind, path: file.path.slice(1) };
  });
}

function unusable(subject: string, found: string): PackagingError {
  return new PackagingError('PINPACK_IMAGE_PAYLOAD', subject, [found, 'Build it again with --skip-nx-cache']);
}
