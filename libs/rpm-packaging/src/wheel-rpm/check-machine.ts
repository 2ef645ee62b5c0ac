// Whether what was compiled here runs on the set's machines: a build may have cross-compiled, or copied libraries of another machine.
import { parsePlatform, type Pin } from '@pinpack/python-dist';
import { PackagingError } from '../packaging-error.js';

/**
 * Only for what was built for the set: wheels of an index are chosen by their tags, and may contain code for graphics processors alone.
 *
 * @param foreign - the architectures of the wheel's ELF files, if none is for the platform
 * @throws PackagingError `PINPACK_ELF_MACHINE`
 */
export function checkMachine(
  { name, source, platform }: Pick<Pin, 'name' | 'source' | 'platform'>,
  wheel: string,
  foreign: readonly string[],
): void {
  if (foreign.length === 0 || source.kind === 'wheel' || wheel.endsWith('-any.whl')) return;
  const { machine } = parsePlatform(platform);
  throw new PackagingError('PINPACK_ELF_MACHINE', wheel, [
    `its shared libraries are for ${foreign.join(', ')}, expected ${machine}, the machine of ${platform}`,
    `Build ${name} on a machine with ${machine}, or correct "platform" in reqset.json.`,
  ]);
}
