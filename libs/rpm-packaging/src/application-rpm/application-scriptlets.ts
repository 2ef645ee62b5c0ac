// The scriptlets of an application RPM: calls of pinpack-runtime, and the steps of Fedora's %systemd_post, _preun and _postun_with_restart.
import type { Relation, RpmSpec, Scriptlet } from '@pinpack/rpm-gen';
import { accountScriptlet } from './application-account.js';
import { runtimeCommand } from '../names/python-names.js';
import { applicationPaths } from './application-paths.js';

const SHELL = '/bin/sh';
/** Contains the inventories of environments. */
const STATE = '/var/lib/pinpack';
/** Containers and build roots have no systemd. */
const WITH_SYSTEMD = 'if [ -x /usr/bin/systemctl ]; then';

export const SCRIPTLETS_WITH_RUNTIME: NonNullable<Relation['when']> = ['post', 'preun', 'posttrans', 'verify'];

/** @param version - of pinpack-runtime, the oldest that has all the commands */
export function runtimeRequires(version: string): Relation {
  return { name: 'pinpack-runtime', sense: '>=', version, when: SCRIPTLETS_WITH_RUNTIME };
}

export interface ScriptletRequest {
  /** Of the RPM. */
  name: string;
  /** Its label: `reqset3`, `multi-py311` */
  reqset: string;
  /** A system account to make. */
  user?: string | undefined;
  /** `reqset3-my-app.service` */
  unit?: string | undefined;
  /** Its command, see `runtimeCommand`. */
  runtime?: string;
}

/** Names need no quoting in a shell: those of RPMs, reqsets, units and accounts are checked. */
export function applicationScriptlets(request: ScriptletRequest): RpmSpec['scriptlets'] {
  const { name, reqset, user, unit, runtime = runtimeCommand(reqset, false) } = request;
  const call = (command: string): string =>
    `${runtime} application ${command} --manifest '${applicationPaths(name).manifest}'`;
  return {
    ...(user !== undefined && { pre: accountScriptlet(user, name) }),
    post: script([...(unit === undefined ? [] : [...announce(unit)]), call('make')]),
    // $1 is the number of versions that stay: on an upgrade the newer version keeps its environment.
    preun: script([
      'if [ "$1" -eq 0 ]; then',
      ...(unit === undefined
        ? []
        : indent([WITH_SYSTEMD, `  systemctl --no-reload disable --now '${unit}' || :`, 'fi'])),
      ...indent(removal(name, reqset, call('remove'))),
      'fi',
    ]),
    ...(unit !== undefined && {
      // The unit's file is gone by then.
      postun: script([WITH_SYSTEMD, '  systemctl daemon-reload || :', 'fi']),
    }),
    // After the whole transaction: the unit, if it is active, starts from the new environment, and then nothing uses the old one.
    posttrans: script([
      ...(unit === undefined ? [] : [WITH_SYSTEMD, `  systemctl try-restart '${unit}' || :`, 'fi']),
      `${call('prune')} || :`,
    ]),
    verify: script([call('verify')]),
  };
}

/**
 * A failing %preun would block the removal of the RPM, for instance if the system's Python is missing or broken. rm follows no symbolic links. rpm
 * removes the folder of the environments.
 */
function removal(name: string, reqset: string, command: string): string[] {
  const { venv, environments, environmentsFolder } = applicationPaths(name);
  return [
    `${command} || {`,
    ...[venv, environments].map((link) => `  [ ! -L '${link}' ] || rm -f '${link}'`),
    `  rm -rf '${environmentsFolder}'/* '${environmentsFolder}'/.[!.]*`,
    `  rm -f '${STATE}/${reqset}/environments/${name}'-????????????????.csv`,
    `  rmdir '${STATE}/${reqset}/environments' 2>/dev/null`,
    '} || :',
  ];
}

/** Runs before the environment is created, whose exit status is that of the scriptlet. */
function announce(unit: string): string[] {
  return [
    WITH_SYSTEMD,
    '  systemctl daemon-reload || :',
    '  if [ "$1" -eq 1 ]; then',
    `    systemctl --no-reload preset '${unit}' || :`,
    '  fi',
    'fi',
  ];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function script(lines: readonly string[]): Scriptlet {
  return { interpreter: SHELL, body: `${lines.join('\n')}\n` };
}
