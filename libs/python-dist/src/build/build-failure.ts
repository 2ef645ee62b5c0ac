// Formats the error for a failed build: the likely cause with its remedy, the last lines of the output, and the path of the log.
import type { Pin } from '../lock/pin.js';
import { distError, type DistError } from '../dist-error.js';
import { limitCause } from './build-limit.js';
import { describePackages } from './system-packages.js';

const SHOWN_LINES = 15;

/** @param log - its path, relative to the workspace's root */
export function buildFailed(
  { name, version, python }: Pick<Pin, 'name' | 'version' | 'python'>,
  log: string,
  output: string,
): DistError {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const cause = usualCause(output, python) ?? limitCause(output);
  return distError(`${name} ${version}`, 'DIST_BUILD_FAILED', [
    `its wheel could not be built${cause === undefined ? '' : `: ${cause}`}`,
    ...lines.slice(-SHOWN_LINES),
    `Full log: ${log}`,
  ]);
}

/** Known causes. The first group of the pattern is passed to `explain`. */
const CAUSES: readonly [pattern: RegExp, explain: (found: string, python: string) => string][] = [
  [/\bPython\.h: No such file/, (_, python) => headersMissing(python)],
  [/\bcommand '?([\w.+-]+)'? failed: No such file or directory/, (program) => missing(`program:${program}`)],
  [/(?:^|\s)([\w.+-]+): (?:command not found|not found)$/m, (program) => missing(`program:${program}`)],
  [/FileNotFoundError: .*No such file or directory: '([\w.+-]+)'/, (program) => missing(`program:${program}`)],
  [/cannot execute '(cc1plus)'/, () => missing('program:c++')],
  [/fatal error: '?([^\s':]+\.h\w*)'?(?:: No such file| file not found)/, (header) => missing(`header:${header}`)],
  [/No package '([^']+)' found/, (module) => missing(`pkg-config:${module}`)],
  [/Dependency "([^"]+)" not found/, (module) => missing(`pkg-config:${module}`)],
  [/cannot find -l(\w+)/, (library) => `the library lib${library}.so is missing: install its development package`],
  [/(pg_config) executable not found/, (program) => missing(`program:${program}`)],
  [
    /(mysql_config|xml2-config|xslt-config|gdal-config|geos-config)(?: .*)?(?:not found|is required)/,
    (program) => missing(`program:${program}`),
  ],
  [/Unknown compiler\(s\): \[\[?'?(gfortran|c\+\+|cc|gcc|g\+\+)/, (program) => missing(`program:${program}`)],
  [/CMake must be installed|Could not find (?:the )?(cmake) executable/i, () => missing('program:cmake')],
  [/(?:can't find|requires?|no) (Rust) (?:compiler|toolchain)/i, () => missing('program:cargo')],
  [/ModuleNotFoundError: No module named '(pkg_resources|distutils|imp)'/, (module) => goneModule(module)],
  [/ModuleNotFoundError: No module named '([\w.]+)'/, (module) => undeclared(module)],
  [
    /(?:Could not resolve host|Git command failed|Network is unreachable|Connection refused|ConnectionError|Name or service not known)/,
    () => NO_NETWORK,
  ],
];

const NO_NETWORK =
  'it needs the network, which builds cannot use. Add what it downloads to its build requirements ("requires" in reqset.json), or remove the download by a patch';

function usualCause(output: string, python: string): string | undefined {
  for (const [pattern, explain] of CAUSES) {
    const match = pattern.exec(output);
    if (match !== null) return explain(match[1] ?? '', python);
  }
  return undefined;
}

function headersMissing(python: string): string {
  const minor = python.split('.').slice(0, 2).join('.');
  return `Python's headers are missing (Debian: python${minor}-dev, Fedora: python${minor}-devel or python3-devel)`;
}

function missing(need: string): string {
  const [kind = '', name = ''] = need.split(/:(.*)/);
  const what = { header: 'the header', program: 'the program', 'pkg-config': 'the library' }[kind] ?? kind;
  return `${what} ${name} is missing (${describePackages(need)})`;
}

function goneModule(module: string): string {
  return `it needs ${module}, which newer versions of setuptools or Python no longer contain: try "requires": ["setuptools<81"] in its "build" in reqset.json`;
}

function undeclared(module: string): string {
  return `its build imports ${module}, which it does not declare: add the distribution that provides it to "requires" in its "build" in reqset.json`;
}
