// The unit files of an application's RPM, and its file of tmpfiles.d. Pure.
import { fillPlaces, type Places } from './application-paths.js';
import type { ApplicationSettings, ConfigFile } from './application-settings.js';
import { environmentFilePath, formatUnits } from './systemd-unit.js';
import { generatedUnits, unitActions, type UnitActions } from './unit-names.js';

export interface UnitText {
  path: string;
  text: string;
}

type UnitSettings = Pick<ApplicationSettings, 'services' | 'unitFiles' | 'tmpfiles'>;

const UNITS = '/usr/lib/systemd/system';

/** @param delivered - content of the files that the settings name */
export function applicationUnits(
  settings: ApplicationSettings,
  places: Places,
  { summary, delivered }: { summary: string; delivered: ReadonlyMap<string, Buffer> },
): UnitText[] {
  const { services = [], unitFiles = [], user } = settings;
  const context = { places, user, summary, hasMigration: hasMigration(settings) };
  const generated = services.flatMap((service) => formatUnits(service, context));
  return [
    ...generated.map(({ name, text }) => ({ path: `${UNITS}/${name}`, text })),
    ...unitFiles.map(({ source, unit }) => ({
      path: `${UNITS}/${fillPlaces(unit, places)}`,
      text: fillPlaces(delivered.get(source)?.toString() ?? '', places),
    })),
  ];
}

/** The names of all units, by what scriptlets do with them; undefined without units. */
export function applicationUnitActions(settings: UnitSettings, places: Places): UnitActions | undefined {
  const names = applicationUnitNames(settings, places);
  return names.length === 0 ? undefined : unitActions(names);
}

export function applicationUnitNames({ services = [], unitFiles = [] }: UnitSettings, places: Places): string[] {
  const names = [...services.flatMap(generatedUnits), ...unitFiles.map(({ unit }) => unit)];
  return names.map((name) => fillPlaces(name, places));
}

export function hasMigration({ services = [] }: UnitSettings): boolean {
  return services.some(({ migrate }) => migrate !== undefined);
}

/** Files of variables are configuration files that only root reads: they are the usual place of passwords, and systemd reads them as root. */
export function environmentFiles({ services = [] }: UnitSettings): (ConfigFile & { mode: number })[] {
  return services.flatMap((service) => {
    const { environmentFile } = service;
    return environmentFile === undefined
      ? []
      : [{ source: environmentFile, target: environmentFilePath(service), mode: 0o640 }];
  });
}

/** The file that systemd-tmpfiles reads at each boot. */
export function tmpfilesPath(name: string): string {
  return `/usr/lib/tmpfiles.d/${name}.conf`;
}

export function formatTmpfiles(lines: readonly string[], places: Places): string {
  return `${lines.map((line) => fillPlaces(line, places)).join('\n')}\n`;
}
