// Formats systemd units from settings (systemd.unit(5), .service(5), .socket(5), .timer(5), .exec(5)). Pure.
import { applicationPaths, fillPlaces, type Places } from './application-paths.js';
import { resolveExec } from './environment-commands.js';
import type { Directives, ServiceSettings, SocketSettings, TimerSettings } from './service-settings.js';
import { MIGRATE_STEM, serviceStem } from './unit-names.js';

export interface UnitContext {
  places: Places;
  /** The account of services that name none. */
  user?: string | undefined;
  /** Stands for a description that isn't set. */
  summary: string;
  /** The migration that services run once before they start. */
  hasMigration: boolean;
}

export interface GeneratedUnit {
  /** `reqset3-my-app.service` */
  name: string;
  text: string;
}

type Section = [name: string, lines: Directives];

/**
 * The sandbox of a service. Everything here is known to systemd 239 (EL8) or ignored by it, and no common library needs what it forbids.
 * MemoryDenyWriteExecute is not here: it breaks ctypes callbacks and just-in-time compilers.
 */
const HARDENING: Directives = {
  NoNewPrivileges: true,
  PrivateTmp: true,
  PrivateDevices: true,
  ProtectSystem: 'strict',
  ProtectHome: true,
  ProtectControlGroups: true,
  ProtectKernelModules: true,
  ProtectKernelTunables: true,
  RestrictAddressFamilies: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  RestrictNamespaces: true,
  RestrictRealtime: true,
  RestrictSUIDSGID: true,
  LockPersonality: true,
  SystemCallArchitectures: 'native',
};

/** Of a service, and not of the command that migrates its data. */
const OF_THE_SERVICE =
  /^(?:Bus|Exec|FileDescriptor|Guess|Kill|Memory|Non|Notify|OOM|PIDFile|Remain|Restart|Runtime|Sockets|Start|Success|TasksMax|Timeout|Type|Watchdog)/;

const ACTIVE_ENVIRONMENT = 'venv';

/** The units of one service: its own, and those of its socket, timer and migration. */
export function formatUnits(service: ServiceSettings, context: UnitContext): GeneratedUnit[] {
  const stem = serviceStem(service);
  const { socket, timer, migrate } = service;
  const description = service.description ?? context.summary;
  return [
    unit(`${stem}.service`, serviceSections(service, context), context),
    ...(socket === undefined ? [] : [unit(`${stem}.socket`, socketSections(socket, description), context)]),
    ...(timer === undefined ? [] : [unit(`${stem}.timer`, timerSections(timer, description), context)]),
    ...(migrate === undefined
      ? []
      : [unit(`${MIGRATE_STEM}.service`, migrationSections(service, migrate, context), context)]),
  ];
}

/** The file that a service reads variables from, if it is there. */
export function environmentFilePath(service: ServiceSettings): string {
  return `/etc/sysconfig/${serviceStem(service)}`;
}

function serviceSections(service: ServiceSettings, context: UnitContext): Section[] {
  const { type, socket, timer, hardening } = service;
  const stem = serviceStem(service);
  const actualType = type ?? (timer && 'oneshot');
  return [
    unitSection(service, context, {
      needed: [
        ...(socket === undefined ? [] : [`${stem}.socket`]),
        ...(context.hasMigration ? [`${MIGRATE_STEM}${ACTIVE_ENVIRONMENT}.service`] : []),
      ],
    }),
    [
      'Service',
      {
        ...(actualType !== undefined && { Type: actualType }),
        ExecStart: command(service.exec, applicationPaths(context.places.name).venv),
        ...processDirectives(service, context),
        ...(actualType !== 'oneshot' && { Restart: 'on-failure' }),
        ...(hardening !== false && HARDENING),
        ...service.directives,
      },
    ],
    ...(timer === undefined
      ? [['Install', { WantedBy: 'multi-user.target', ...(socket && { Also: `${stem}.socket` }) }] satisfies Section]
      : []),
  ];
}

/** The instance is the path of an environment, escaped: `venv`, `environments-<id>`. */
function migrationSections(service: ServiceSettings, migrate: string, context: UnitContext): Section[] {
  const { folder } = applicationPaths(context.places.name);
  const directives = Object.entries(service.directives).filter(([name]) => !OF_THE_SERVICE.test(name));
  return [
    unitSection({ ...service, description: `Migration of ${context.places.name}` }, context, { needed: [] }),
    [
      'Service',
      {
        Type: 'oneshot',
        // Until the next boot or upgrade, so that a restart of the service does not repeat it.
        RemainAfterExit: true,
        ExecStart: command(migrate, `${folder}/%I`),
        ...processDirectives(service, context),
        ...(service.hardening !== false && HARDENING),
        ...Object.fromEntries(directives),
      },
    ],
  ];
}

function socketSections({ listen, directives }: SocketSettings, description: string): Section[] {
  return [
    ['Unit', { Description: escapeSpecifiers(description) }],
    ['Socket', { ListenStream: listen, ...directives }],
    ['Install', { WantedBy: 'sockets.target' }],
  ];
}

function timerSections(
  { calendar, randomDelay, persistent, directives }: TimerSettings,
  description: string,
): Section[] {
  return [
    ['Unit', { Description: escapeSpecifiers(description) }],
    [
      'Timer',
      {
        OnCalendar: calendar,
        ...(randomDelay !== undefined && { RandomizedDelaySec: randomDelay }),
        ...(persistent && { Persistent: true }),
        ...directives,
      },
    ],
    ['Install', { WantedBy: 'timers.target' }],
  ];
}

function unitSection(
  { description, after, wants, requires }: ServiceSettings,
  { summary }: UnitContext,
  { needed }: { needed: readonly string[] },
): Section {
  const required = [...needed, ...requires];
  return [
    'Unit',
    {
      Description: escapeSpecifiers(description ?? summary),
      ...(wants.length > 0 && { Wants: wants.join(' ') }),
      ...(required.length > 0 && { Requires: required.join(' ') }),
      After: ['network.target', ...needed, ...after].join(' '),
    },
  ];
}

/** What a service and its migration have in common. */
function processDirectives(service: ServiceSettings, { user }: UnitContext): Directives {
  const account = service.user ?? user;
  const variables = Object.entries(service.environment).map(([name, value]) => `"${name}=${quoted(value)}"`);
  return {
    ...(variables.length > 0 && { Environment: variables }),
    ...(service.environmentFile !== undefined && { EnvironmentFile: `-${environmentFilePath(service)}` }),
    ...(account !== undefined && { User: account }),
    ...service.folders,
  };
}

function unit(name: string, sections: readonly Section[], { places }: UnitContext): GeneratedUnit {
  const text = sections
    .map(([section, lines]) => [`[${section}]`, ...formatDirectives(lines), ''].join('\n'))
    .join('\n');
  return { name: fillPlaces(name, places), text: fillPlaces(text, places) };
}

function formatDirectives(lines: Directives): string[] {
  return Object.entries(lines).flatMap(([name, value]) => [value].flat().map((item) => `${name}=${item}`));
}

function command(exec: string, environment: string): string {
  return resolveExec(exec, environment).replaceAll('@VENV@', environment);
}

function escapeSpecifiers(text: string): string {
  return text.replaceAll('%', '%%');
}

function quoted(value: string): string {
  return escapeSpecifiers(value.replaceAll('\\', '\\\\').replaceAll('"', '\\"'));
}
