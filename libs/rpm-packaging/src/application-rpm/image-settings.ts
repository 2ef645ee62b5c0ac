// `[tool.pinpack.image]` of an application's pyproject.toml (docs/images.md has the table).
import { createHash } from 'node:crypto';
import { OciError, parseLocation, type LayerCompression } from '@pinpack/oci-image';
import type { SettingsReader } from './settings-reader.js';

export interface ImageSettings {
  /** `oci:FOLDER[:REFERENCE]` or `oci-archive:FILE[:REFERENCE]`, relative to the workspace's root. */
  base: string;
  /** Words, in which `@NAME@`, `@REQSET@` and `@VENV@` are filled in; so in `cmd`, `env` and `labels`. */
  entrypoint?: string[];
  cmd?: string[];
  user?: string;
  workdir?: string;
  env: Record<string, string>;
  /** `8000`, `53/udp` */
  ports: string[];
  labels: Record<string, string>;
  compression: LayerCompression;
}

const KEYS = ['base', 'entrypoint', 'cmd', 'user', 'workdir', 'env', 'ports', 'labels', 'compression'];
/** It is a word of a command line of Nx's too. */
const BASE = /^[\w@.+/:-]+$/;
const USER = /^[\w.-]+(?::[\w.-]+)?$/;
const FOLDER = /^\/\S*$/;
const PORT = /^[1-9]\d{0,4}(?:\/(?:tcp|udp|sctp))?$/;
const VARIABLE = /^[A-Za-z_]\w*$/;

/** sha256 in hex of what they say, for Nx's hash. */
export function imageSettingsDigest(image: ImageSettings): string {
  return createHash('sha256').update(JSON.stringify(image)).digest('hex');
}

/** Undefined where there is no table: then there is no target either. Issues are gathered by the reader. */
export function parseImage(reader: SettingsReader): ImageSettings | undefined {
  const table = reader.table('image');
  if (table === undefined) return undefined;
  table.onlyKeys(KEYS);
  const user = table.optional('user', USER, 'an account such as web-service or 1000:1000');
  const workdir = table.optional('workdir', FOLDER, 'an absolute path');
  return {
    base: parseBase(table),
    ...(table.has('entrypoint') && { entrypoint: table.words('entrypoint') }),
    ...(table.has('cmd') && { cmd: table.strings('cmd') }),
    ...(user !== undefined && { user }),
    ...(workdir !== undefined && { workdir }),
    env: parseEnv(table),
    ports: parsePorts(table),
    labels: table.texts('labels'),
    compression: table.oneOf('compression', ['gzip', 'zstd']) ?? 'gzip',
  };
}

function parseBase(table: SettingsReader): string {
  const expected = 'an OCI image layout: oci:FOLDER[:REFERENCE] or oci-archive:FILE.tar[:REFERENCE]';
  const base = table.optional('base', BASE, expected);
  if (base === undefined) {
    if (!table.has('base')) table.report(`base is missing, expected ${expected}`);
    return '';
  }
  try {
    parseLocation(base);
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    table.report(`base is ${JSON.stringify(base)}, expected ${expected}`);
  }
  return base;
}

function parseEnv(table: SettingsReader): Record<string, string> {
  const env = table.texts('env');
  for (const name of Object.keys(env)) {
    if (!VARIABLE.test(name)) table.report(`env: ${JSON.stringify(name)} is not a variable's name`);
  }
  return env;
}

function parsePorts(table: SettingsReader): string[] {
  const ports = table.strings('ports');
  for (const port of ports) {
    if (!PORT.test(port) || Number.parseInt(port) > 65_535)
      table.report(`ports: ${JSON.stringify(port)} is not a port such as "8000" or "53/udp"`);
  }
  return ports;
}
