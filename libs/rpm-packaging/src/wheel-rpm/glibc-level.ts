// Whether what was compiled here runs on the set's platform: a C library gives every symbol that is new in it a version, and an older one lacks it.
import { parsePlatform, type Pin } from '@pinpack/python-dist';
import { PackagingError } from '../packaging-error.js';

/**
 * Only for what was built for the set: a wheel from an index is labelled with its level, which `lock` has compared.
 *
 * @param elfRequires - as rpm has them: `libm.so.6(GLIBC_2.29)(64bit)`
 * @throws PackagingError `PINPACK_GLIBC_TOO_NEW`: its RPM could be made, and dnf would refuse it on the server
 */
export function checkGlibcLevel(
  { name, source, platform }: Pick<Pin, 'name' | 'source' | 'platform'>,
  wheel: string,
  elfRequires: readonly string[],
): void {
  if (source.kind !== 'wheel') checkGlibc({ subject: wheel, name, platform }, elfRequires);
}

/**
 * @param built - `subject` is the file, `name` what is to be built again
 * @throws PackagingError `PINPACK_GLIBC_TOO_NEW`
 */
export function checkGlibc(
  { subject, name, platform }: { subject: string; name: string; platform: string },
  elfRequires: readonly string[],
): void {
  const { glibc, machine } = parsePlatform(platform);
  const newer = elfRequires.filter((requirement) => glibcOf(requirement) > glibc);
  if (newer.length === 0) return;
  const needed = Math.max(...newer.map(glibcOf));
  throw new PackagingError('PINPACK_GLIBC_TOO_NEW', subject, [
    `requires ${newer.join(', ')}, and the platform ${platform} has glibc 2.${glibc}`,
    `Build ${name} on a machine with glibc 2.${glibc} or older, or, where all servers have a newer one, say "platform": "manylinux_2_${needed}_${machine}" in reqset.json.`,
  ]);
}

/** The minor version of glibc 2; 0 for what isn't glibc's. */
function glibcOf(requirement: string): number {
  return Number(/\(GLIBC_2\.(\d+)(?:\.\d+)?\)/.exec(requirement)?.[1] ?? 0);
}
