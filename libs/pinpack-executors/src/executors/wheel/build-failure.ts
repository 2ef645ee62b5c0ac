// What a person sees of a build that failed: its usual cause with what mends it, its last lines, and where the whole log is.
import type { Pin } from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';

const SHOWN_LINES = 15;

/** @param log - its path, relative to the workspace's root */
export function buildFailed(pin: Pick<Pin, 'name' | 'version'>, log: string, output: string): PinpackError {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return new PinpackError('PINPACK_BUILD_FAILED', `${pin.name} ${pin.version}`, [
    `its wheel could not be built${hint(output)}`,
    ...lines.slice(-SHOWN_LINES),
    `The whole log: ${log}`,
  ]);
}

/** The usual causes, with the package that mends each. */
function hint(output: string): string {
  if (output.includes('Python.h: No such file'))
    return ": Python's headers are missing (Debian: python3-dev, Fedora: python3-devel)";
  if (
    /(?:command|error: command) '?(?:gcc|cc|x86_64-linux-gnu-gcc|clang)'? (?:failed: No such file|not found)/.test(
      output,
    )
  ) {
    return ': there is no C compiler (Debian: gcc, Fedora: gcc)';
  }
  const [, header] = /fatal error: (\S+\.h\w*): No such file/.exec(output) ?? [];
  return header === undefined ? '' : `: the header ${header} is missing`;
}
