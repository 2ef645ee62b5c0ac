// Reads `[tool.pinpack.systemd]` and `[tool.pinpack.services.<name>]` of an application's pyproject.toml (docs/services.md lists the settings).
import { z } from 'zod';
import { isCalendar, isCommandLine, isPort, isTimeSpan } from './systemd-syntax.js';
import { ACCOUNT, line, LINE, LINES, RELATIVE, VARIABLES } from './settings-fields.js';

/** Lines of a section of a unit file, by directive: a list is one line for each value. */
export type Directives = Record<string, string | number | boolean | string[]>;

/** A service that pinpack generates unit files for. */
export interface ServiceSettings {
  /** Absent for the service that has the RPM's name; `worker` for `<name>-worker.service`. */
  key?: string;
  /** As systemd's ExecStart; a first word without `/` is a script of the environment. */
  exec: string;
  user?: string;
  description?: string;
  /** systemd's service types: `simple`, `notify`, … */
  type?: string;
  after: string[];
  wants: string[];
  requires: string[];
  environment: Record<string, string>;
  /** The file of the application that becomes `/etc/sysconfig/<unit>`. */
  environmentFile?: string;
  /** Folders that systemd creates for the account, by directive: `StateDirectory`. */
  folders: Record<string, string>;
  /** Without the sandbox of `HARDENING`. */
  hardening?: false;
  /** Of the section [Service]; they replace the generated ones. */
  directives: Directives;
  socket?: SocketSettings;
  timer?: TimerSettings;
  /** A command as `exec`, which runs in a new environment before the services are restarted. */
  migrate?: string;
}

export interface SocketSettings {
  /** As systemd's ListenStream: `8000`, `127.0.0.1:8000`, `/run/web.sock` */
  listen: string[];
  directives: Directives;
}

export interface TimerSettings {
  /** As systemd's OnCalendar. */
  calendar: string[];
  randomDelay?: string;
  /** Whether a missed run is made up for. */
  persistent: boolean;
  directives: Directives;
}

/** The directives of settings. */
const FOLDERS = {
  'state-directory': 'StateDirectory',
  'cache-directory': 'CacheDirectory',
  'logs-directory': 'LogsDirectory',
  'runtime-directory': 'RuntimeDirectory',
} as const;

const DIRECTIVES = z
  .record(
    line(/^[A-Z][A-Za-z0-9]*$/, 'a directive of systemd such as LimitNOFILE'),
    z
      .union([z.literal(''), LINE, z.int(), z.boolean(), LINES])
      .describe('text on one line, a number, true or false, or a list of texts'),
  )
  .describe('a table of directives');

const SOCKET = z
  .strictObject({
    listen: z
      .array(
        line(
          /^(?:\d{1,5}|[^\s/@]+:\d{1,5}|[/@]\S+)$/,
          'an address such as "8000", "127.0.0.1:8000", "[::1]:8000" or "/run/@NAME@.sock", with a port from 1 to 65535',
        ).refine(isPort),
      )
      .min(1)
      .describe('a list of addresses such as ["127.0.0.1:8000"]'),
    directives: DIRECTIVES.default({}),
  })
  .describe('a table such as { listen = ["127.0.0.1:8000"] }');

const CALENDAR = LINE.refine(isCalendar).describe(
  'a calendar event of systemd.time(7) such as "daily" or "Mon..Fri 02:30"',
);

const TIMER = z
  .strictObject({
    calendar: z
      .union([CALENDAR, z.array(CALENDAR).min(1)])
      .describe('a calendar event such as "daily", or a list of them'),
    'random-delay': LINE.refine(isTimeSpan).describe('a time span such as "15min"').exactOptional(),
    persistent: z.boolean().describe('true or false').default(true),
    directives: DIRECTIVES.default({}),
  })
  .describe('a table such as { calendar = "daily" }');

const EXEC = LINE.refine(isCommandLine).describe('a command on one line, with each quote closed');

const UNITS = z
  .array(
    line(
      /^[\w:.@\\-]+\.(?:service|socket|target|timer|path|mount|automount|device|slice|scope|swap)$/,
      'a unit such as postgresql.service',
    ),
  )
  .describe('a list of units such as ["postgresql.service"]');

const SERVICE_FIELDS = {
  exec: EXEC,
  user: ACCOUNT.exactOptional(),
  description: LINE.exactOptional(),
  type: z.enum(['simple', 'exec', 'notify', 'forking', 'oneshot', 'idle']).exactOptional(),
  after: UNITS.default([]),
  wants: UNITS.default([]),
  requires: UNITS.default([]),
  environment: VARIABLES.default({}),
  'environment-file': line(RELATIVE, 'a file of the application such as deploy/x.env').exactOptional(),
  'state-directory': folder('/var/lib').exactOptional(),
  'cache-directory': folder('/var/cache').exactOptional(),
  'logs-directory': folder('/var/log').exactOptional(),
  'runtime-directory': folder('/run').exactOptional(),
  hardening: z.boolean().describe('true or false').default(true),
  directives: DIRECTIVES.default({}),
  socket: SOCKET.exactOptional(),
  timer: TIMER.exactOptional(),
};

/** `[tool.pinpack.systemd]` */
export const SYSTEMD = withoutTimedSocket(z.strictObject({ ...SERVICE_FIELDS, migrate: EXEC.exactOptional() }));

/** `[tool.pinpack.services]` */
export const SERVICES = z
  .record(
    line(/^[a-z0-9][a-z0-9_-]*$/, 'the name of a service such as worker').refine((name) => name !== 'migrate'),
    withoutTimedSocket(z.strictObject(SERVICE_FIELDS)),
  )
  .describe('a table of services');

type ServiceTable = z.output<typeof SYSTEMD>;

export function serviceOf(table: ServiceTable, key?: string): ServiceSettings {
  const { exec, user, description, type, after, wants, requires, environment, directives, socket, timer, migrate } =
    table;
  const environmentFile = table['environment-file'];
  // The order of the keys is part of the request's digest.
  return {
    ...(key !== undefined && { key }),
    exec,
    ...(user !== undefined && { user }),
    ...(description !== undefined && { description }),
    ...(type !== undefined && { type }),
    after,
    wants,
    requires,
    environment,
    ...(environmentFile !== undefined && { environmentFile }),
    folders: foldersOf(table),
    ...(!table.hardening && { hardening: false }),
    directives,
    ...(socket !== undefined && { socket }),
    ...(timer !== undefined && { timer: timerOf(timer) }),
    ...(migrate !== undefined && { migrate }),
  };
}

function timerOf({
  calendar,
  persistent,
  directives,
  'random-delay': randomDelay,
}: z.output<typeof TIMER>): TimerSettings {
  return {
    calendar: [calendar].flat(),
    ...(randomDelay !== undefined && { randomDelay }),
    persistent,
    directives,
  };
}

function foldersOf(table: ServiceTable): Record<string, string> {
  return Object.fromEntries(
    Object.entries(FOLDERS).flatMap(([setting, directive]) => {
      const value = table[setting as keyof typeof FOLDERS];
      return value === undefined ? [] : [[directive, value]];
    }),
  );
}

function folder(parent: string): z.ZodString {
  return line(RELATIVE, `a folder below ${parent} such as web-service`);
}

function withoutTimedSocket<Table extends z.ZodObject>(table: Table): Table {
  return table
    .refine(({ socket, timer }) => socket === undefined || timer === undefined, {
      path: ['timer'],
      error: 'only one of socket and timer',
    })
    .describe('a table');
}
