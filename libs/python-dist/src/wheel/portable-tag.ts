// Replaces the platform `linux_x86_64` of a wheel, which says nothing, by the platform tag of the C library that it was built for (PEP 600).
import { crc32 } from 'node:zlib';
import { sha256Of } from '@pinpack/common/digest';
import { issue } from '../dist-error.js';
import type { Wheel } from './wheel.js';

/** Libraries that every system of a manylinux platform has (PEP 599, PEP 600), without those of X11 and OpenGL. */
const PORTABLE = new Set([
  ...['libc.so.6', 'libm.so.6', 'libdl.so.2', 'librt.so.1', 'libpthread.so.0', 'libutil.so.1', 'libnsl.so.1'],
  ...['libresolv.so.2', 'libgcc_s.so.1', 'libstdc++.so.6', 'libz.so.1', 'libexpat.so.1'],
]);

/** What a shared object requires, as rpm writes it: `libm.so.6(GLIBC_2.29)(64bit)`; undefined if the data are no such object. */
export type ReadRequires = (data: Uint8Array) => readonly string[] | undefined;

export interface PortablePlatform {
  /** The minor version of glibc 2 that it was built for. */
  glibc: number;
  readRequires: ReadRequires;
}

/**
 * The wheel with the tag `manylinux_2_31_x86_64` instead of `linux_x86_64`. A wheel that is pure, or that needs other libraries of the system than a
 * manylinux platform has, is returned as it is.
 */
export async function withPortableTag(wheel: Wheel, platform: PortablePlatform): Promise<Wheel> {
  const machine = /-linux_(\w+)\.whl$/.exec(wheel.fileName)?.[1];
  const entry = wheel.entries.find(({ name }) => name === `${wheel.distInfo}/WHEEL`);
  if (machine === undefined || entry === undefined || !(await isPortable(wheel, platform))) return wheel;
  const [old, tag] = [`linux_${machine}`, `manylinux_2_${platform.glibc}_${machine}`];
  const text = (await wheel.readData(entry)).data.toString();
  const data = Buffer.from(text.replaceAll(new RegExp(`^(Tag: .*-)${old}\\r?$`, 'gm'), `$1${tag}`));
  const made = { data, sha256: sha256Of(data), crc32: crc32(data) };
  const readData: Wheel['readData'] = (each) =>
    each.name === entry.name ? Promise.resolve(made) : wheel.readData(each);
  return {
    ...wheel,
    fileName: wheel.fileName.replace(`-${old}.whl`, `-${tag}.whl`),
    entries: wheel.entries.map((each) => (each === entry ? { ...each, size: data.length } : each)),
    recordIssues: [...wheel.recordIssues, issue('DIST_RECORD_MISMATCH', `${entry.name} has a new tag`)],
    read: readData,
    readData,
  };
}

async function isPortable(wheel: Wheel, { readRequires }: PortablePlatform): Promise<boolean> {
  const bundled = new Set(wheel.entries.map(({ name }) => name.split('/').at(-1) ?? ''));
  for (const entry of wheel.entries) {
    const requires = readRequires((await wheel.readData(entry)).data) ?? [];
    const sonames = requires.map((requirement) => requirement.replace(/\(.*$/, '')).filter((name) => name !== 'rtld');
    if (sonames.some((name) => !PORTABLE.has(name) && !bundled.has(name) && !name.startsWith('ld-linux'))) return false;
  }
  return true;
}
