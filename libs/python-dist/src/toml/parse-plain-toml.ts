// Parses the TOML that `lock` writes: headers of tables with bare keys, and values on one line. The graph inference parses all locks of a workspace before
// every nx command, and the parser of the whole language takes three times as long.
import type { TomlTable, TomlValue } from 'smol-toml';

const HEADER = /^(\[\[?)([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)(\]\]?)$/;
const FIELD = /^([A-Za-z0-9_-]+) = (.+)$/;
const INTEGER = /^(?:0|[1-9][0-9]{0,14})$/;
const PLAIN_STRING = /^"[ !#-[\]-~]*"$/;
/** With the escapes that mean the same in JSON. */
const STRING = String.raw`"(?:[^"\\\u0000-\u001f\u007f]|\\["\\bfnrt])*"`;
const JSON_VALUE = new RegExp(String.raw`^(?:true|false|${STRING}|\[ *(?:${STRING}(?:, *${STRING})*)? *\])$`);
const COMMENT = /^#[^\u0000-\u0008\u000a-\u001f\u007f]*$/;

interface Header {
  /** Above the last key. */
  parents: string[];
  last: string;
  isList: boolean;
}

/** @returns undefined if the text needs the parser of the whole language, or is invalid */
export function parsePlainToml(text: string): TomlTable | undefined {
  const root: TomlTable = {};
  let table = root;
  // A lock has thousands of tables with few different headers.
  const headers = new Map<string, Header>();
  for (const line of text.split('\n')) {
    if (line.startsWith('[')) {
      const header = headers.get(line) ?? parseHeader(line);
      const opened = header && openTable(root, header);
      if (header === undefined || opened === undefined) return undefined;
      headers.set(line, header);
      table = opened;
    } else if (!addField(table, line) && line !== '' && !COMMENT.test(line)) return undefined;
  }
  return root;
}

function parseHeader(line: string): Header | undefined {
  const [, open = '', path = '', close = ''] = HEADER.exec(line) ?? [];
  const parents = path.split('.');
  const last = parents.pop() ?? '';
  return open.length === close.length && last !== '' ? { parents, last, isList: open === '[[' } : undefined;
}

/** @returns undefined for anything but a new table */
function openTable(root: TomlTable, { parents, last, isList }: Header): TomlTable | undefined {
  let parent: TomlTable | undefined = root;
  for (const key of parents) {
    parent = lastTable(parent, key) ?? addTable(parent, key);
    if (parent === undefined) return undefined;
  }
  const known = isList && Object.hasOwn(parent, last) ? parent[last] : undefined;
  if (!Array.isArray(known)) return addTable(parent, last, isList);
  if (lastTable(parent, last) === undefined) return undefined;
  const added: TomlTable = {};
  known.push(added);
  return added;
}

/** The table with the key, or the last one of its list of tables. */
function lastTable(parent: TomlTable, key: string): TomlTable | undefined {
  const value = Object.hasOwn(parent, key) ? parent[key] : undefined;
  const found = Array.isArray(value) ? value.at(-1) : value;
  return typeof found === 'object' ? (found as TomlTable) : undefined;
}

/** @returns undefined if the key has a value */
function addTable(parent: TomlTable, key: string, isList = false): TomlTable | undefined {
  const added: TomlTable = {};
  return add(parent, key, isList ? [added] : added) ? added : undefined;
}

function addField(table: TomlTable, line: string): boolean {
  const [, key, written = ''] = FIELD.exec(line) ?? [];
  if (key === undefined) return false;
  if (PLAIN_STRING.test(written)) return add(table, key, written.slice(1, -1));
  if (INTEGER.test(written)) return add(table, key, Number(written));
  return JSON_VALUE.test(written) && add(table, key, JSON.parse(written) as TomlValue);
}

function add(table: TomlTable, key: string, value: TomlValue): boolean {
  if (key === '__proto__' || Object.hasOwn(table, key)) return false;
  table[key] = value;
  return true;
}
