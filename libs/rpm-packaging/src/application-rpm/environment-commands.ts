// The commands of its environment that an application's settings name. Pure.
import type { ApplicationSettings } from './application-settings.js';

/** A word of ExecStart that is a command of the environment, after systemd's prefixes (systemd.service(5)). */
const BARE = /^([-@:+!]*)(\w[\w.+-]*)$/;
/** Every environment has these. */
const PYTHON = /^python[\d.]*$/;

export interface NamedCommand {
  /** `systemd.exec`, for messages. */
  setting: string;
  /** A file name in the environment's `bin`. */
  command: string;
}

/** systemd knows no PATH of the environment: a bare first word becomes the path of a command in it. */
export function resolveExec(exec: string, environment: string): string {
  const [first = '', ...rest] = exec.split(' ');
  return [first.replace(BARE, `$1${environment}/bin/$2`), ...rest].join(' ');
}

/** Those that some wheel must install. */
export function namedCommands({ scripts, services = [], smoke }: ApplicationSettings): NamedCommand[] {
  const units = services.flatMap(({ key, exec, migrate }) => {
    const table = key === undefined ? 'systemd' : `services.${key}`;
    return [
      { setting: `${table}.exec`, command: firstWord(exec) },
      { setting: `${table}.migrate`, command: firstWord(migrate) },
    ];
  });
  const all = [
    ...scripts.map(({ script }) => ({ setting: 'scripts', command: script })),
    ...units,
    { setting: 'smoke.command', command: smoke.command?.[0] },
    { setting: 'smoke.http.command', command: smoke.http?.command[0] },
  ];
  return all.flatMap(({ setting, command }) =>
    command === undefined || /[/@]/.test(command) || PYTHON.test(command) ? [] : [{ setting, command }],
  );
}

function firstWord(exec = ''): string | undefined {
  return BARE.exec(exec.split(' ')[0] ?? '')?.[2];
}
