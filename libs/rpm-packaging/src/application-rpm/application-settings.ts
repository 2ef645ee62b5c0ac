// `[tool.pinpack]` of an application's pyproject.toml (docs/applications.md has the table). `reqsets` is read with the rest of the source tree.
import { parseImage, type ImageSettings } from './image-settings.js';
import { PackagingError } from '../packaging-error.js';
import { SettingsReader } from './settings-reader.js';

/** How an environment gets its wheels: `link` links files of the unpacked trees, `pip` installs from the wheelhouse. */
export type Fill = 'link' | 'pip';

/** A command in /usr/bin that leads to a script of the environment. */
export interface ExposedScript {
  command: string;
  script: string;
}

/** A default configuration file: `source` is relative to the application's folder, `target` absolute. */
export interface ConfigFile {
  source: string;
  target: string;
}

/** A systemd service: a unit file of the application's own, relative to its folder, or one that is written from settings. */
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

/** What the smoke test does beside importing the application's own modules. */
export interface SmokeSettings {
  imports?: string[];
  /** A script of the environment, or an absolute path, with its arguments. */
  command?: string[];
  http?: SmokeHttp;
  /** A container image to run in, where podman or docker is there. */
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
  scripts: ExposedScript[];
  service?: Service;
  config: ConfigFile[];
  /** A system account that the RPM makes. */
  user?: string;
  smoke: SmokeSettings;
  /** Of its container image, where it has one. */
  image?: ImageSettings;
}

const KEYS = ['reqsets', 'fill', 'scripts', 'systemd', 'unit', 'config', 'user', 'smoke', 'image'];
const SYSTEMD_KEYS = ['exec', 'user', 'description', 'type', 'after', 'environment', 'state-directory'];

/** A name in a file system, in which `@NAME@` and `@REQSET@` may stand. */
const FILE_NAME = /^[A-Za-z0-9@][A-Za-z0-9@._+-]*$/;
const ACCOUNT = /^[a-z_][a-z0-9_-]{0,30}$/;
const RELATIVE = /^(?!\.{1,2}(?:\/|$))[\w@.+-]+(?:\/(?!\.{1,2}(?:\/|$))[\w@.+-]+)*$/;
const ETC = /^\/etc(?:\/(?!\.{1,2}(?:\/|$))[\w@.+-]+)+$/;
const VARIABLE = /^[A-Za-z_]\w*$/;

/**
 * @param table - `[tool.pinpack]`, parsed
 * @param subject - the file, for messages
 * @throws PackagingError `PINPACK_APPLICATION_INVALID` with every issue
 */
export function parseApplicationSettings(table: Record<string, unknown>, subject: string): ApplicationSettings {
  const reader = new SettingsReader(table, '[tool.pinpack]');
  reader.onlyKeys(KEYS);
  const user = reader.optional('user', ACCOUNT, 'a system account such as web-service');
  const service = parseService(reader);
  const image = parseImage(reader);
  const settings: ApplicationSettings = {
    fill: reader.oneOf('fill', ['link', 'pip']) ?? 'link',
    scripts: parseScripts(reader),
    ...(service !== undefined && { service }),
    config: parseConfig(reader),
    ...(user !== undefined && { user }),
    smoke: parseSmoke(reader),
    ...(image !== undefined && { image }),
  };
  if (reader.issues.length > 0) throw new PackagingError('PINPACK_APPLICATION_INVALID', subject, reader.issues);
  return settings;
}

/** The files of the application's folder that its RPM carries, relative to that folder. */
export function deliveredFiles({ service, config }: ApplicationSettings): string[] {
  return [...(service?.kind === 'unit' ? [service.source] : []), ...config.map(({ source }) => source)];
}

function parseScripts(reader: SettingsReader): ExposedScript[] {
  const named = reader.isList('scripts')
    ? reader.strings('scripts').map((script): [string, string] => [script, script])
    : Object.entries(reader.texts('scripts'));
  for (const name of new Set(named.flat())) {
    if (!FILE_NAME.test(name)) reader.report(`scripts: ${JSON.stringify(name)} is not a command's name`);
  }
  return named.map(([command, script]) => ({ command, script })).sort((a, b) => (a.command < b.command ? -1 : 1));
}

function parseConfig(reader: SettingsReader): ConfigFile[] {
  const files = Object.entries(reader.texts('config')).map(([source, target]) => ({ source, target }));
  for (const { source, target } of files) {
    if (!RELATIVE.test(source))
      reader.report(`config: ${JSON.stringify(source)} is not a file of the application, as deploy/x.conf would be`);
    if (!ETC.test(target)) reader.report(`config: ${JSON.stringify(target)} is not a path below /etc`);
  }
  const targets = files.map(({ target }) => target);
  if (new Set(targets).size < targets.length) reader.report('config: two files have the same place');
  return files.sort((a, b) => (a.target < b.target ? -1 : 1));
}

function parseService(reader: SettingsReader): Service | undefined {
  const source = reader.optional('unit', RELATIVE, 'a file of the application such as deploy/x.service');
  if (source !== undefined && reader.has('systemd')) reader.report('unit and systemd: expected one of them');
  if (source !== undefined) return { kind: 'unit', source };
  const table = reader.table('systemd');
  if (table === undefined) return undefined;
  table.onlyKeys(SYSTEMD_KEYS);
  const user = table.optional('user', ACCOUNT, 'an account such as web-service');
  const description = table.optional('description');
  const type = table.oneOf('type', ['simple', 'exec', 'notify', 'forking', 'oneshot', 'idle']);
  const stateDirectory = table.optional('state-directory', RELATIVE, 'a folder below /var/lib such as web-service');
  const environment = table.texts('environment');
  for (const name of Object.keys(environment)) {
    if (!VARIABLE.test(name)) table.report(`environment: ${JSON.stringify(name)} is not a variable's name`);
  }
  return {
    kind: 'systemd',
    exec: table.required('exec'),
    ...(user !== undefined && { user }),
    ...(description !== undefined && { description }),
    ...(type !== undefined && { type }),
    after: table.strings('after'),
    environment,
    ...(stateDirectory !== undefined && { stateDirectory }),
  };
}

function parseSmoke(reader: SettingsReader): SmokeSettings {
  const table = reader.table('smoke');
  if (table === undefined) return {};
  table.onlyKeys(['imports', 'command', 'http', 'image']);
  const image = table.optional('image');
  const http = table.table('http');
  http?.onlyKeys(['command', 'path', 'port', 'status']);
  return {
    ...(table.has('imports') && { imports: table.strings('imports') }),
    ...(table.has('command') && { command: table.words('command') }),
    ...(http !== undefined && {
      http: {
        command: http.words('command'),
        path: http.optional('path', /^\/\S*$/, 'a path such as /health') ?? '/',
        port: http.integer('port', { from: 1, to: 65_535 }),
        status: http.integer('status', { from: 100, to: 599, otherwise: 200 }),
      },
    }),
    ...(image !== undefined && { image }),
  };
}
