// Reads `[tool.pinpack]` of an application's pyproject.toml (docs/applications.md lists the settings). `reqsets`, `extras` and `groups` are read with the source tree.
import { checkInput } from '@pinpack/common/format-issues';
import { normalizeName } from '@pinpack/python-dist';
import { z } from 'zod';
import { PackagingError } from '../packaging-error.js';
import { IMAGE_SETTINGS, type ImageSettings } from './image-settings.js';
import { COMMAND, LINE, line, LINES, VARIABLES, wholeNumber } from './settings-fields.js';

/** How an environment gets its wheels: `link` links files of the unpacked trees, `pip` installs from the wheelhouse. */
export type Fill = 'link' | 'pip';

/** A symbolic link in /usr/bin to a script of the environment. */
export interface ExposedScript {
  command: string;
  script: string;
}

/** A default configuration file: `source` is relative to the application's folder, `target` absolute. */
export interface ConfigFile {
  source: string;
  target: string;
}

/** A systemd service: a unit file, relative to the application's folder, or settings that the unit file is generated from. */
export type Service = { kind: 'unit'; source: string } | ({ kind: 'systemd' } & SystemdSettings);

export interface SystemdSettings {
  /** As systemd's ExecStart; a first word without `/` is a script of the environment. */
  exec: string;
  user?: string;
  description?: string;
  /** systemd's service types: `simple`, `notify`, … */
  type?: string;
  after: string[];
  environment: Record<string, string>;
  /** Below /var/lib. */
  stateDirectory?: string;
}

/** Checks of the smoke test, in addition to importing the application's modules. */
export interface SmokeSettings {
  imports?: string[];
  /** A script of the environment, or an absolute path, with its arguments. */
  command?: string[];
  http?: SmokeHttp;
  /** The container image to run in, if podman or docker is installed. */
  image?: string;
}

export interface SmokeHttp {
  command: string[];
  /** `/health` */
  path: string;
  port: number;
  status: number;
}

export interface ApplicationSettings {
  fill: Fill;
  /** Absent if the environment shares files with wheel RPMs. */
  shareFiles?: false;
  /** Groups of pins that may install the same paths, by PEP 503 name: files of a later pin replace those of an earlier one. */
  overlaps?: string[][];
  scripts: ExposedScript[];
  service?: Service;
  config: ConfigFile[];
  /** The system account that the RPM creates. */
  user?: string;
  smoke: SmokeSettings;
  /** Settings of its container image; absent if it has none. */
  image?: ImageSettings;
}

/** A file name that may contain `@NAME@` and `@REQSET@`. */
const SCRIPT = line(/^[A-Za-z0-9@][A-Za-z0-9@._+-]*$/, 'the name of a command');
const ACCOUNT = line(/^[a-z_][a-z0-9_-]{0,30}$/, 'a system account such as web-service');
const RELATIVE = /^(?!\.{1,2}(?:\/|$))[\w@.+-]+(?:\/(?!\.{1,2}(?:\/|$))[\w@.+-]+)*$/;
const ETC = line(/^\/etc(?:\/(?!\.{1,2}(?:\/|$))[\w@.+-]+)+$/, 'a path below /etc');

const SYSTEMD = z
  .strictObject({
    exec: LINE,
    user: ACCOUNT.exactOptional(),
    description: LINE.exactOptional(),
    type: z.enum(['simple', 'exec', 'notify', 'forking', 'oneshot', 'idle']).exactOptional(),
    after: LINES.default([]),
    environment: VARIABLES.default({}),
    'state-directory': line(RELATIVE, 'a folder below /var/lib such as web-service').exactOptional(),
  })
  .describe('a table');

const HTTP = z
  .strictObject({
    command: COMMAND,
    path: line(/^\/\S*$/, 'a path such as /health').default('/'),
    port: wholeNumber(1, 65_535),
    status: wholeNumber(100, 599).default(200),
  })
  .describe('a table');

const SMOKE = z
  .strictObject({
    imports: LINES.exactOptional(),
    command: COMMAND.exactOptional(),
    http: HTTP.exactOptional(),
    image: LINE.exactOptional(),
  })
  .describe('a table');

const SETTINGS = z
  .strictObject({
    reqsets: z.unknown(),
    extras: z.unknown().optional(),
    groups: z.unknown().optional(),
    fill: z.enum(['link', 'pip']).default('link'),
    'share-files': z.boolean().describe('true or false').default(true),
    overlaps: z
      .array(z.array(LINE).min(2))
      .describe('a list of lists of pins such as [["opencv-python", "opencv-python-headless"]]')
      .exactOptional(),
    scripts: z
      .union([z.array(SCRIPT), z.record(SCRIPT, SCRIPT)])
      .describe('a list of scripts, or a table of commands and their scripts')
      .default([]),
    systemd: SYSTEMD.exactOptional(),
    unit: line(RELATIVE, 'a file of the application such as deploy/x.service').exactOptional(),
    config: z
      .record(line(RELATIVE, 'a file of the application such as deploy/x.conf'), ETC)
      .describe('a table of files and their paths below /etc')
      .refine(
        (files) => new Set(Object.values(files)).size === Object.keys(files).length,
        'a different path for each file',
      )
      .default({}),
    user: ACCOUNT.exactOptional(),
    smoke: SMOKE.default({}),
    image: IMAGE_SETTINGS.exactOptional(),
  })
  .refine(({ unit, systemd }) => unit === undefined || systemd === undefined, {
    path: ['unit'],
    error: 'only one of unit and systemd',
  });

type Table = z.output<typeof SETTINGS>;

/**
 * @param table - `[tool.pinpack]`, parsed
 * @param subject - the file, for messages
 * @throws PackagingError `PINPACK_APPLICATION_INVALID` with every issue
 */
export function parseApplicationSettings(table: Record<string, unknown>, subject: string): ApplicationSettings {
  const { value, issues } = checkInput(SETTINGS, table);
  if (issues !== undefined) {
    const lines = issues.map((issue) => `[tool.pinpack] ${issue}`);
    throw new PackagingError('PINPACK_APPLICATION_INVALID', subject, lines);
  }
  const { fill, user, smoke, image, overlaps } = value;
  const service = serviceOf(value);
  // The order of the keys is part of the request's digest.
  return {
    fill,
    ...(!value['share-files'] && { shareFiles: false }),
    ...(overlaps !== undefined && { overlaps: overlaps.map((group) => group.map(normalizeName)) }),
    scripts: scriptsOf(value),
    ...(service !== undefined && { service }),
    config: Object.entries(value.config)
      .map(([source, target]) => ({ source, target }))
      .sort((a, b) => (a.target < b.target ? -1 : 1)),
    ...(user !== undefined && { user }),
    smoke,
    ...(image !== undefined && { image }),
  };
}

/** The files of the application's folder that its RPM carries, relative to that folder. */
export function deliveredFiles({ service, config }: ApplicationSettings): string[] {
  return [...(service?.kind === 'unit' ? [service.source] : []), ...config.map(({ source }) => source)];
}

function scriptsOf({ scripts }: Table): ExposedScript[] {
  const named = Array.isArray(scripts) ? scripts.map((script) => [script, script] as const) : Object.entries(scripts);
  return named.map(([command, script]) => ({ command, script })).sort((a, b) => (a.command < b.command ? -1 : 1));
}

function serviceOf({ unit, systemd }: Table): Service | undefined {
  if (unit !== undefined) return { kind: 'unit', source: unit };
  if (systemd === undefined) return undefined;
  const { 'state-directory': stateDirectory, exec, user, description, type, after, environment } = systemd;
  return {
    kind: 'systemd',
    exec,
    ...(user !== undefined && { user }),
    ...(description !== undefined && { description }),
    ...(type !== undefined && { type }),
    after,
    environment,
    ...(stateDirectory !== undefined && { stateDirectory }),
  };
}
