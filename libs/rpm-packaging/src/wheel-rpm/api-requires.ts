// What compiled code requires of the numpy beside it. numpy's C API only grows within a major version, and code that was compiled against one minor version
// may use what an older one lacks (numpy, "For downstream package authors"): so not beside an older one, nor beside another ABI.
import { parseVersion, type Pin } from '@pinpack/python-dist';

/** Requirements as in METADATA: `numpy>=2.4`, `numpy<3`. None for what wasn't compiled against numpy. @param isCompiled - whether it runs on one kind of machine alone */
export function apiRequirements(
  { source, dependencies }: Pick<Pin, 'source' | 'dependencies'>,
  isCompiled: boolean,
): string[] {
  if (!isCompiled || !('buildRequires' in source) || !dependencies.includes('numpy')) return [];
  const against = source.buildRequires.find(({ name }) => name === 'numpy');
  if (against === undefined) return [];
  const [major = 0, minor = 0] = parseVersion(against.version).release;
  return [`numpy>=${major}.${minor}`, `numpy<${major + 1}`];
}
