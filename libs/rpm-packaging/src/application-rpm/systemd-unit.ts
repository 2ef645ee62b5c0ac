// Formats the systemd unit of an application from its settings (systemd.unit(5), systemd.service(5), systemd.exec(5)).
import { applicationPaths, fillPlaces, type Places } from './application-paths.js';
import type { ApplicationSettings, SystemdSettings } from './application-settings.js';

/** The unit's path on the server. It has the RPM's name, so that an application of several reqsets can be installed for each. */
export function unitPath(name: string): string {
  return `/usr/lib/systemd/system/${name}.service`;
}

/** @param summary - stands for a description that isn't set */
export function formatUnit(
  systemd: SystemdSettings,
  { user }: ApplicationSettings,
  places: Places,
  summary: string,
): string {
  const account = systemd.user ?? user;
  const lines = [
    '[Unit]',
    `Description=${(systemd.description ?? summary).replaceAll('%', '%%')}`,
    `After=${['network.target', ...systemd.after].join(' ')}`,
    '',
    '[Service]',
    ...(systemd.type === undefined ? [] : [`Type=${systemd.type}`]),
    `ExecStart=${execStart(systemd.exec, places.name)}`,
    ...Object.entries(systemd.environment).map(([name, value]) => `Environment="${name}=${quoted(value)}"`),
    ...(account === undefined ? [] : [`User=${account}`]),
    ...(systemd.stateDirectory === undefined ? [] : [`StateDirectory=${systemd.stateDirectory}`]),
    ...(systemd.type === 'oneshot' ? [] : ['Restart=on-failure']),
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ];
  return `${fillPlaces(lines.join('\n'), places)}\n`;
}

/** systemd knows no PATH of the environment: a bare first word is one of its scripts. */
function execStart(exec: string, name: string): string {
  const [first = '', ...rest] = exec.split(' ');
  return [/^[\w.+-]+$/.test(first) ? `${applicationPaths(name).venv}/bin/${first}` : first, ...rest].join(' ');
}

function quoted(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');
}
