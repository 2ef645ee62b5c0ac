/** Validates the names in a wheel that become files of an environment. pinpack-runtime repeats these checks on the server (names.py). */
import { type DistIssue, issue } from '../dist-error.js';

const SCRIPT = /^[\p{L}\p{N}_][\p{L}\p{N}_.+@ -]*$/u;
/** Names by which an environment's Python is started, shells are set up, and Python finds its own settings. */
const RESERVED_SCRIPT = /^(?:pythonw?[0-9.]*|(?:de)?activate(?:[._].*)?|pyvenv\.cfg|pybuilddir\.txt)$/i;
const SCHEMES = ['purelib', 'platlib', 'headers', 'scripts', 'data'];
const MAX_BYTES = 255;
const RESERVED = 'is a name that the environment itself uses';

const SECTIONS = ['console_scripts', 'gui_scripts'];
const REFERENCE = /^(?<module>[\p{L}\p{N}_.]+)\s*:\s*(?<attributes>[\p{L}\p{N}_.]+)\s*(?:\[[^[\]]*\])?$/u;
const IDENTIFIER = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const KEYWORDS = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

/** Why a command of that name may not be in the environment's bin, or an empty string. */
export function scriptFault(name: string): string {
  if (!SCRIPT.test(name) || Buffer.byteLength(name) > MAX_BYTES) return 'is not the name of a command';
  return RESERVED_SCRIPT.test(name) ? RESERVED : '';
}

/** Whether a path lies in the wheel's .data folder, whose files are installed elsewhere. */
export function isDataPath(path: string, distInfo: string): boolean {
  const [top = '', ...rest] = path.split('/');
  if (rest.length === 0 || !top.endsWith('.data')) return false;
  return normalize(top.slice(0, -'.data'.length)) === normalize(distInfo.slice(0, -'.dist-info'.length));
}

/** Why a path in the .data folder may not be installed, or an empty string. */
export function dataFault(path: string): string {
  const [, scheme = '', ...parts] = path.split('/');
  const [top = '', ...inner] = parts;
  if (!SCHEMES.includes(scheme) || parts.length === 0)
    return `is in none of the folders ${SCHEMES.join(', ')} of .data`;
  if (scheme === 'scripts') return scriptFault(parts.join('/'));
  if (scheme !== 'data') return '';
  // lib64 is a link to lib, which `lib64/x` is moved to.
  if (top.toLowerCase() === 'pyvenv.cfg' || parts.join('/') === 'lib64') return RESERVED;
  return top === 'bin' && inner[0] !== undefined ? scriptFault(inner[0]) : '';
}

/** Why a command may not be made of an entry point with this value, or an empty string. */
export function referenceFault(value: string): string {
  const groups = REFERENCE.exec(value)?.groups;
  const names = groups === undefined ? [''] : `${groups.module ?? ''}.${groups.attributes ?? ''}`.split('.');
  const isValid = names.every((name) => IDENTIFIER.test(name) && !KEYWORDS.has(name));
  return isValid ? '' : 'is not of the form module:function';
}

/** Paths in the .data folder that cannot be installed. */
export function dataIssues(paths: Iterable<string>, distInfo: string): DistIssue[] {
  return [...paths]
    .filter((path) => isDataPath(path, distInfo))
    .map((path) => ({ path, fault: dataFault(path) }))
    .filter(({ fault }) => fault !== '')
    .map(({ path, fault }) => issue('DIST_WHEEL_PATH_INVALID', `entry ${JSON.stringify(path)} ${fault}`));
}

/** Commands of entry_points.txt that cannot be made. @param text - an INI file (Python packaging specifications, "Entry points") */
export function entryPointIssues(text: string): DistIssue[] {
  const { commands, unreadable } = parseCommands(text);
  const problems = commands.flatMap(({ section, name, value }) => {
    const fault = scriptFault(name) || referenceFault(value);
    return fault === '' ? [] : [`${section} ${JSON.stringify(name)} = ${JSON.stringify(value)} ${fault}`];
  });
  const all =
    unreadable === undefined ? problems : [`it cannot be read as INI: ${JSON.stringify(unreadable)}`, ...problems];
  return all.map((found) => issue('DIST_WHEEL_ENTRY_POINTS', `entry_points.txt: ${found}`));
}

/** A command that installers make of an entry point. */
export interface Command {
  section: string;
  name: string;
  /** `module:function` */
  value: string;
}

/** The commands of entry_points.txt. `unreadable` is the first line that is not INI: the lines below it are not read. */
export function parseCommands(text: string): { commands: Command[]; unreadable?: string } {
  let section: string | undefined;
  let key = '';
  const values = new Map<string, Command>();
  const commands = (): Command[] => [...values.values()].filter((command) => SECTIONS.includes(command.section));
  // As in Python's configparser, a value continues on lines that are indented more than its own: some files are indented as a whole.
  let indent = 0;
  for (const line of text.split(/\r\n|\r|\n/)) {
    const content = line.trim();
    const header = /^\[([^\]]+)\]/.exec(content)?.[1];
    const [, name, value] = /^([^=]*[^=\s])\s*=\s*(.*)$/.exec(content) ?? [];
    const known = values.get(key);
    if (content === '' || /^[#;]/.test(content)) continue;
    const isContinued = known !== undefined && indentOf(line) > indent;
    if (!isContinued) indent = indentOf(line);
    if (isContinued) known.value += `\n${content}`;
    else if (header !== undefined) [section, key] = [header, ''];
    else if (section === undefined || name === undefined || value === undefined)
      return { commands: commands(), unreadable: content };
    else {
      key = `${section}\n${name}`;
      values.set(key, { section, name, value });
    }
  }
  return { commands: commands() };
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function normalize(name: string): string {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase();
}
