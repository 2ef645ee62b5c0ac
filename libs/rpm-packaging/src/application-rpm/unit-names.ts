// The systemd units of an application, and what its RPM's scriptlets do with each.
import type { ServiceSettings } from './service-settings.js';

/** The names of units by what scriptlets do with them. */
export interface UnitActions {
  /** Enabled or not at the first installation, as the distribution's presets say; stopped and disabled at the removal. */
  enable: string[];
  /** Templates, disabled at the removal. */
  templates: string[];
  /** Stopped at the removal: services of timers, and instances of templates (`x@*.service`). */
  stop: string[];
  /** Restarted after an upgrade, if they are active. */
  restart: string[];
}

/** `@NAME@`, `@NAME@-worker` */
export function serviceStem({ key }: Pick<ServiceSettings, 'key'>): string {
  return key === undefined ? '@NAME@' : `@NAME@-${key}`;
}

/** A template: its instance is the path of an environment below the application's folder, escaped. */
export const MIGRATE_STEM = '@NAME@-migrate@';

/** The names of the units that are generated for a service. */
export function generatedUnits(service: ServiceSettings): string[] {
  const stem = serviceStem(service);
  return [
    `${stem}.service`,
    ...(service.socket === undefined ? [] : [`${stem}.socket`]),
    ...(service.timer === undefined ? [] : [`${stem}.timer`]),
    ...(service.migrate === undefined ? [] : [`${MIGRATE_STEM}.service`]),
  ];
}

/** @param units - the names of all units of an application */
export function unitActions(units: readonly string[]): UnitActions {
  const sorted = [...units].sort(byKind);
  const instances = (names: readonly string[]): string[] => names.map((unit) => unit.replace('@.', '@*.'));
  const templates = sorted.filter((unit) => unit.includes('@.') && !isMigration(unit));
  const plain = sorted.filter((unit) => !unit.includes('@.'));
  const jobs = plain.filter((unit) => unit.endsWith('.service') && plain.includes(unit.replace(/service$/, 'timer')));
  const enable = plain.filter((unit) => !jobs.includes(unit));
  return {
    enable,
    templates,
    stop: [...jobs, ...instances(sorted.filter((unit) => unit.includes('@.')))],
    // A job that runs keeps its environment, and a socket its connections.
    restart: [...enable, ...instances(templates)].filter((unit) => unit.endsWith('.service')),
  };
}

function isMigration(unit: string): boolean {
  return unit.endsWith('-migrate@.service');
}

/** Sockets, timers and paths are stopped before the services that they would start again. */
function byKind(a: string, b: string): number {
  const rank = (unit: string): number => (/\.(?:socket|timer|path)$/.test(unit) ? 0 : 1);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
