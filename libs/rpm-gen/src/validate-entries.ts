/** Checks of the files of a package. */
import { escapeControlCharacters, hasControlCharacters } from '@pinpack/common/control-characters';
import type { RpmEntry } from './entry.js';

export function entryIssues(entry: RpmEntry): string[] {
  const { path, kind, mode, size, target, mtime, read, stream, user, group } = entry;
  const shown = escapeControlCharacters(JSON.stringify(path));
  const checks: [boolean, string][] = [
    [
      isPlainPath(path) || isSourceName(path),
      `${shown}: expected an absolute path without "//", "/./", "/../", a final "/" or control characters`,
    ],
    [isCount(mode, 0o7777), `${shown}: mode is ${mode}, expected permission bits 0 to 0o7777`],
    [isCount(size, Number.MAX_SAFE_INTEGER), `${shown}: size is ${size}, expected a number of bytes`],
    [isCount(mtime ?? 0, 0xffffffff), `${shown}: mtime is ${mtime ?? 0}, expected seconds since 1970 in 32 bits`],
    [
      kind !== 'symlink' || (target !== undefined && isText(target)),
      `${shown}: a symlink needs a target without control characters`,
    ],
    [
      kind !== 'file' || entry.ghost === true || (read ?? stream) !== undefined,
      `${shown}: a file needs \`read\` or \`stream\``,
    ],
    ...kindChecks(entry, shown),
    [isAccount(user) && isAccount(group), `${shown}: expected user and group names without spaces`],
  ];
  return checks.flatMap(([valid, issue]) => (valid ? [] : [issue]));
}

export function layoutIssues(entries: readonly RpmEntry[]): string[] {
  const issues: string[] = [];
  const kinds = new Map<string, RpmEntry['kind']>();
  const ghosts = new Set(entries.flatMap(({ path, ghost }) => (ghost === true ? [path] : [])));
  for (const { path, kind } of entries) {
    if (kinds.has(path)) issues.push(`${JSON.stringify(path)}: listed twice, expected every path once`);
    kinds.set(path, kind);
  }
  for (const { path, target = '' } of entries.filter(({ kind }) => kind === 'hardlink')) {
    if (kinds.get(target) !== 'file' || ghosts.has(target))
      issues.push(
        `${JSON.stringify(path)}: is a hard link to ${JSON.stringify(target)}, expected a file of the package`,
      );
  }
  for (const path of kinds.keys()) {
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const kind = kinds.get(parent);
    if (kind !== undefined && kind !== 'directory') {
      issues.push(`${JSON.stringify(path)}: is in ${JSON.stringify(parent)}, which is a ${kind}, expected a directory`);
    }
  }
  return issues;
}

function kindChecks(
  { kind, device, ghost, language, capabilities, class: type }: RpmEntry,
  shown: string,
): [boolean, string][] {
  const isDevice = kind === 'characterDevice' || kind === 'blockDevice';
  return [
    [
      isDevice
        ? device !== undefined && isCount(device.major, 0xff) && isCount(device.minor, 0xff)
        : device === undefined,
      `${shown}: expected the numbers of a device, 0 to 255, of devices and of nothing else`,
    ],
    [kind !== 'hardlink' || ghost !== true, `${shown}: a hard link can't be a ghost, as the payload creates it`],
    [
      capabilities === undefined || (kind === 'file' && isText(capabilities)),
      `${shown}: capabilities belong to files, expected text as of cap_from_text(3)`,
    ],
    [language === undefined || /^[A-Za-z0-9_.@|-]+$/.test(language), `${shown}: language is no locale's name`],
    [type === undefined || type === '' || isText(type), `${shown}: class holds control characters`],
  ];
}

function isPlainPath(path: string): boolean {
  return isNormalPath(path) && isText(path);
}

/** As files of source packages are named. */
function isSourceName(path: string): boolean {
  return !path.includes('/') && isPlainPath(`/${path}`);
}

/** What a package can't have: paths of the other kind of package. */
export function pathKindIssues(entries: readonly Pick<RpmEntry, 'path'>[], isSource: boolean): string[] {
  return entries
    .filter(({ path }) => path.startsWith('/') === isSource)
    .map(({ path }) => {
      const expected = isSource ? 'a plain name, as in every source package' : 'an absolute path';
      return `${escapeControlCharacters(JSON.stringify(path))}: expected ${expected}`;
    });
}

/** Absolute, and without parts that a file system would take away. */
export function isNormalPath(path: string): boolean {
  const [root, ...parts] = path.split('/');
  return root === '' && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}

/** Text that UTF-8 can hold, on one line. */
function isText(text: string): boolean {
  return text !== '' && !hasControlCharacters(text) && !/\p{Surrogate}/u.test(text);
}

function isAccount(name: string | undefined): boolean {
  return name === undefined || (isText(name) && !/[\s:/]/.test(name));
}

function isCount(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= limit;
}
