// Names and paths of the Python that a set brings along. They contain no full version, so that deltas between versions are small. Pure.
import { setLabel } from './rpm-names.js';

/** The project and RPM: `reqset3-python`. */
export function pythonProject(set: string): string {
  return `${setLabel(set)}-python`;
}

/** What its RPM provides in place of `python(abi)`, which packages of the system require: `reqset3-python(abi)`. */
export function pythonAbiName(set: string): string {
  return `${pythonProject(set)}(abi)`;
}

/** No wheel has a name that starts with `_`: `/usr/lib/pinpack/reqset3/_python`. */
export function pythonFolder(set: string): string {
  return `/usr/lib/pinpack/${setLabel(set)}/_python`;
}

/** @param minor - `3.12` */
export function pythonProgram(set: string, minor: string): string {
  return `${pythonFolder(set)}/bin/python${minor}`;
}

const RUNTIME_PROGRAM = '/usr/bin/pinpack-runtime';

/** The command of scriptlets. The set's own Python runs it where there is one, so that it does not depend on the system's. @param isBundled - see `Pin.bundled` */
export function runtimeCommand(set: string, isBundled: boolean): string {
  return isBundled ? `'${pythonFolder(set)}/bin/python3' -IBS ${RUNTIME_PROGRAM}` : RUNTIME_PROGRAM;
}
