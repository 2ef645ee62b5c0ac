// Reads `[tool.pinpack]` of an application's pyproject.toml (docs/applications.md lists the settings). `reqsets`, `extras` and `groups` are read with the source tree.
import { checkInput } from '@pinpack/common/format-issues';
import { normalizeName } from '@pinpack/python-dist';
import { z } from 'zod';
import { PackagingError } from '../packaging-error.js';
import { IMAGE_SETTINGS, type ImageSettings } from './image-settings.js';
import { generatedUnits } from './unit-names.js';
import { serviceOf, SERVICES, SYSTEMD, type ServiceSettings } from './service-settings.js';
import { ACCOUNT, COMMAND, LINE, line, LINES, RELATIVE, wholeNumber } from './settings-fields.js';

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

/** A unit file of the application: `source` is relative to its folder, `unit` the unit's name, `@NAME@-worker.service`. */
export interface UnitFile {
  source: string;
  unit: string;
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
  /** Services that unit files are generated for, the one with the RPM's name first. */
  services?: ServiceSettings[];
  unitFiles?: UnitFile[];
  /** Lines of tmpfiles.d(5). */
  tmpfiles?: string[];
  config: ConfigFile[];
  /** The system account that the RPM creates. */
  user?: string;
  smoke: SmokeSettings;
  /** Settings of its container image; absent if it has none. */
  image?: ImageSettings;
}

/** A file name that may contain `@NAME@` and `@REQSET@`. */
const SCRIPT = line(/^[A-Za-z0-9@][A-Za-z0-9@._+-]*$/, 'the name of a command');
const ETC = line(/^\/etc(?:\/(?!\.{1,2}(?:\/|$))[\w@.+-]+)+$/, 'a path below /etc');

const UNIT = line(
  /^@NAME@(?:-[\w.-]+)?@?\.(?:service|socket|timer|path|target)$/,
  'a unit of the application such as @NAME@.timer or @NAME@-worker.service',
);
const TMPFILE = line(
  /^[A-Za-z][!=~^+$-]*\s+\/\S*(?:\s.*)?$/,
  'a line of tmpfiles.d(5) such as "d /run/@NAME@ 0750 web web -"',
);

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
    services: SERVICES.default({}),
    units: z
      .record(line(RELATIVE, 'a file of the application such as deploy/x.timer'), UNIT)
      .describe('a table of files and their units')
      .default({}),
    tmpfiles: z.array(TMPFILE).describe('a list of lines of tmpfiles.d(5)').exactOptional(),
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
  })
  .superRefine((table, context) => {
    for (const name of duplicateUnits(table)) {
      context.addIssue({ code: 'custom', path: ['units'], message: `each unit once, and not ${name} twice` });
    }
    for (const address of duplicates(servicesOf(table).flatMap(({ socket }) => socket?.listen ?? []))) {
      context.addIssue({
        code: 'custom',
        path: table.systemd?.socket === undefined ? ['services'] : ['systemd', 'socket', 'listen'],
        message: `each address once, and not ${address} twice`,
      });
    }
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
  const { fill, user, smoke, image, overlaps, tmpfiles } = value;
  const services = servicesOf(value);
  const unitFiles = unitFilesOf(value);
  // The order of the keys is part of the request's digest.
  return {
    fill,
    ...(!value['share-files'] && { shareFiles: false }),
    ...(overlaps !== undefined && { overlaps: overlaps.map((group) => group.map(normalizeName)) }),
    scripts: scriptsOf(value),
    ...(services.length > 0 && { services }),
    ...(unitFiles.length > 0 && { unitFiles }),
    ...(tmpfiles !== undefined && { tmpfiles }),
    config: Object.entries(value.config)
      .map(([source, target]) => ({ source, target }))
      .sort((a, b) => (a.target < b.target ? -1 : 1)),
    ...(user !== undefined && { user }),
    smoke,
    ...(image !== undefined && { image }),
  };
}

/** The files of the application's folder that its RPM carries, relative to that folder. */
export function deliveredFiles({ services = [], unitFiles = [], config }: ApplicationSettings): string[] {
  const environmentFiles = services.flatMap(({ environmentFile }) => environmentFile ?? []);
  return [
    ...new Set([...unitFiles.map(({ source }) => source), ...environmentFiles, ...config.map(({ source }) => source)]),
  ];
}

function scriptsOf({ scripts }: Table): ExposedScript[] {
  const named = Array.isArray(scripts) ? scripts.map((script) => [script, script] as const) : Object.entries(scripts);
  return named.map(([command, script]) => ({ command, script })).sort((a, b) => (a.command < b.command ? -1 : 1));
}

function servicesOf({ systemd, services }: Pick<Table, 'systemd' | 'services'>): ServiceSettings[] {
  const further = Object.entries(services).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...(systemd === undefined ? [] : [serviceOf(systemd)]),
    ...further.map(([key, service]) => serviceOf(service, key)),
  ];
}

function unitFilesOf({ unit, units }: { unit?: string; units: Table['units'] }): UnitFile[] {
  const further = Object.entries(units).map(([source, name]) => ({ source, unit: name }));
  return [
    ...(unit === undefined ? [] : [{ source: unit, unit: '@NAME@.service' }]),
    ...further.sort((a, b) => (a.unit < b.unit ? -1 : 1)),
  ];
}

/** `unit` and `systemd` make the same unit, which has an issue of its own. */
function duplicateUnits(table: Pick<Table, 'systemd' | 'services' | 'unit' | 'units'>): Set<string> {
  const unitFiles = unitFilesOf(table.systemd === undefined ? table : { units: table.units });
  return duplicates([...unitFiles.map(({ unit }) => unit), ...servicesOf(table).flatMap(generatedUnits)]);
}

function duplicates(names: readonly string[]): Set<string> {
  return new Set(names.filter((name, index) => names.indexOf(name) !== index));
}
