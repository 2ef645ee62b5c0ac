// An output of an earlier version would still lie beside the new one, and end up in a repository.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes the files of a folder that match the pattern, apart from the one to keep. */
export async function pruneOthers(folder: string, keep: string, pattern: RegExp): Promise<void> {
  const others = (await readdir(folder)).filter((name) => name !== keep && pattern.test(name));
  await Promise.all(others.map((name) => rm(join(folder, name), { force: true })));
}

/** Wheels of a distribution, of any version and tag. @param name - PEP 503 name */
export function wheelPattern(name: string): RegExp {
  // A wheel's file name may spell the distribution's name with any of these; a version starts with a digit, and `-financial` is none.
  return new RegExp(`^${name.replaceAll('-', '[-_.]+')}-[0-9][^-]*-[^/]*\\.whl$`, 'i');
}

/** RPMs of a name, of any version, release and architecture. */
export function rpmPattern(name: string): RegExp {
  return new RegExp(`^${name.replaceAll(/[.+]/g, '\\$&')}-[^-]+-[^-]+\\.(?:noarch|x86_64|aarch64)\\.rpm$`);
}
