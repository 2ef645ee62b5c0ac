/** Reads an RPM file's facts, and signs it. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { formatEvr, readRpm, signRpm, type HeaderTags } from '@pinpack/rpm-gen';

export interface PackageFile {
  name: string;
  /** `[epoch:]version-release` */
  evr: string;
  architecture: string;
  size: number;
  /** In hex. */
  sha256: string;
  /** Of the payload, unpacked, in bytes. */
  contentSize: number;
  header: HeaderTags;
}

/** @throws RpmError `RPM_DAMAGED` */
export async function readPackageFile(path: string): Promise<PackageFile> {
  return packageOf(await readWhole(path), basename(path));
}

/** The chunks of the signed RPM. @throws RpmError */
export async function signPackageFile(
  path: string,
  sign: (data: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array[]> {
  return (await signRpm(await readWhole(path), sign, basename(path))).chunks;
}

function packageOf(bytes: Uint8Array, subject: string): PackageFile {
  const { header, signature } = readRpm(bytes, subject);
  const { NAME = '', EPOCH, VERSION = '', RELEASE = '', ARCH = '' } = header;
  const [epoch] = EPOCH ?? [];
  return {
    name: NAME,
    evr: formatEvr({ ...(epoch !== undefined && { epoch }), version: VERSION, release: RELEASE }),
    architecture: ARCH,
    size: bytes.length,
    sha256: sha256Of(bytes),
    contentSize: (signature.LONGARCHIVESIZE ?? signature.PAYLOADSIZE)?.[0] ?? 0,
    header,
  };
}

const PIECE = 2 ** 30;

/** Node's own readFile ends at 2 GiB. */
async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(size);
    for (let offset = 0; offset < size;) {
      const { bytesRead } = await file.read(bytes, offset, Math.min(PIECE, size - offset), offset);
      if (bytesRead === 0) return bytes.subarray(0, offset);
      offset += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
