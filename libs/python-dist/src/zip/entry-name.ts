/** Decodes and validates names of zip entries, which become paths below a folder on Linux. */
import { type DistIssue, issue } from '../dist-error.js';
import type { ZipEntry } from './zip-directory.js';

const UTF8_FLAG = 0x800;
const MAX_PART_BYTES = 255;
/** Linux has 4096 bytes for a path, which starts with the folder of the RPM. */
const MAX_PATH_BYTES = 3500;
/** Marks, embeddings, overrides and isolates of text direction, by which a name is shown as another (Unicode TR 36). */
const CHANGES_DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The name, or the issues that prevent decoding. Names of folders end in `/`. */
export function decodeEntryName({ rawName, unicodeName, flags }: ZipEntry): { name: string; issues: DistIssue[] } {
  const shown = quote(rawName.toString('latin1'));
  if (unicodeName !== undefined && !unicodeName.equals(rawName)) {
    return invalid(shown, `has a second name in its extra field, ${quote(unicodeName.toString())}`);
  }
  const isAscii = rawName.every((byte) => byte < 0x80);
  if (!isAscii && (flags & UTF8_FLAG) === 0)
    return invalid(shown, 'is not ASCII, but not marked as UTF-8 (flag bit 11)');
  try {
    return { name: strictUtf8.decode(rawName), issues: [] };
  } catch {
    return invalid(shown, 'is marked as UTF-8, but is not valid UTF-8');
  }
}

/** The issues of a decoded name. */
export function entryNameIssues(name: string): DistIssue[] {
  const path = name.endsWith('/') ? name.slice(0, -1) : name;
  const parts = path.split('/');
  if (/^\/|^[a-z]:/i.test(name)) return [escapes(name, 'is an absolute path')];
  if (parts.includes('..')) return [escapes(name, 'leads out of the wheel')];
  if (name.includes('\\')) return [pathIssue(quote(name), 'has a backslash, which is a separator on Windows')];
  if (name.includes('\0')) return [pathIssue(quote(name), 'has a NUL character')];
  if (/[\u0000-\u001f\u007f-\u009f]/.test(name)) return [pathIssue(quote(name), 'has a control character')];
  if (parts.some((part) => part === '' || part === '.')) {
    return [pathIssue(quote(name), `is not in its shortest form, ${quote(shortestForm(name))}`)];
  }
  if (parts.some((part) => Buffer.byteLength(part) > MAX_PART_BYTES)) {
    return [pathIssue(quote(name), `has a part of more than ${MAX_PART_BYTES} bytes`)];
  }
  if (Buffer.byteLength(name) > MAX_PATH_BYTES) {
    return [pathIssue(`${quote(name.slice(0, 100))}…`, `has more than ${MAX_PATH_BYTES} bytes`)];
  }
  if (CHANGES_DIRECTION.test(name)) {
    return [pathIssue(quote(name), 'has a character that changes the direction of text')];
  }
  return [];
}

/** The path that the entry is unpacked to: without empty and `.` parts. */
export function shortestForm(name: string): string {
  return name
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function escapes(name: string, problem: string): DistIssue {
  return issue(
    'DIST_WHEEL_PATH_ESCAPES',
    `entry ${quote(name)} ${problem}`,
    'expected a path below the root of the wheel',
  );
}

function pathIssue(shown: string, problem: string): DistIssue {
  return issue('DIST_WHEEL_PATH_INVALID', `entry ${shown} ${problem}`);
}

function invalid(shown: string, problem: string): { name: string; issues: DistIssue[] } {
  return { name: shown, issues: [pathIssue(shown, problem)] };
}

function quote(text: string): string {
  return JSON.stringify(text);
}
