// The scriptlets of an application RPM: calls of pinpack-runtime, and the steps of Fedora's %systemd_post, _preun and _postun_with_restart.
import type { Relation, RpmSpec, Scriptlet } from '@pinpack/rpm-gen';
import { accountScriptlet } from './application-account.js';
import { runtimeCommand } from '../names/python-names.js';
import { applicationPaths } from './application-paths.js';
import { tmpfilesPath } from './application-units.js';
import type { UnitActions } from './unit-names.js';

const SHELL = '/bin/sh';
/** Contains the inventories of environments. */
const STATE = '/var/lib/pinpack';

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
  units?: UnitActions | undefined;
  hasTmpfiles?: boolean;
  hasMigration?: boolean;
  /** Its command, see `runtimeCommand`. */
  runtime?: string;
}

/** Names need no quoting in a shell: those of RPMs, reqsets, units and accounts are checked. */
export function applicationScriptlets(request: ScriptletRequest): RpmSpec['scriptlets'] {
  const { name, reqset, user, units, runtime = runtimeCommand(reqset, false) } = request;
  const call = (command: string): string =>
    `${runtime} application ${command} --manifest '${applicationPaths(name).manifest}'`;
  return {
    ...(user !== undefined && { pre: accountScriptlet(user, name) }),
    post: script([...(units === undefined ? [] : announce(units)), ...createFolders(request), call('make')]),
    // $1 is the number of versions that stay: on an upgrade the newer version keeps its environment.
    preun: script([
      'if [ "$1" -eq 0 ]; then',
      ...indent([...(units === undefined ? [] : withdraw(units)), ...removal(name, reqset, call('remove'))]),
      'fi',
    ]),
    ...(units !== undefined && {
      // The units' files are gone by then.
      postun: script(withSystemd(['systemctl daemon-reload || :'])),
    }),
    // After the whole transaction: active units start from the new environment, and then nothing uses the old one.
    posttrans: script(afterTransaction(request, call)),
    verify: script([call('verify')]),
  };
}

/** After a migration that failed, the services run on in the old environment, and the exit status reports it. */
function afterTransaction(
  { name, units, hasMigration }: ScriptletRequest,
  call: (command: string) => string,
): string[] {
  // Of the files that were digested for the applications of this transaction. Image builds keep what is in /run.
  const forget = 'rm -rf /run/pinpack';
  const restart = units === undefined ? [] : withSystemd(systemctl('try-restart', units.restart));
  // Python is not started if there is only one environment, as after a first installation.
  const prune = [
    `set -- '${applicationPaths(name).environmentsFolder}'/*`,
    ...conditional('if [ "$#" -gt 1 ]; then', [`${call('prune')} || :`]),
  ];
  if (hasMigration !== true) return [forget, ...restart, ...prune];
  return [
    forget,
    `if ${call('switch')}; then`,
    ...indent([...restart, ...prune]),
    'else',
    ...indent([...prune, 'exit 1']),
    'fi',
  ];
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
function announce({ enable }: UnitActions): string[] {
  return withSystemd([
    'systemctl daemon-reload || :',
    ...conditional('if [ "$1" -eq 1 ]; then', systemctl('--no-reload preset', enable)),
  ]);
}

/** The distribution's own trigger does it too, but after the services were restarted. */
function createFolders({ name, hasTmpfiles }: ScriptletRequest): string[] {
  if (hasTmpfiles !== true) return [];
  const create = `systemd-tmpfiles --create '${tmpfilesPath(name)}' || :`;
  return ['if [ -x /usr/bin/systemd-tmpfiles ]; then', `  ${create}`, 'fi'];
}

function withdraw({ enable, templates, stop }: UnitActions): string[] {
  return withSystemd([
    ...systemctl('--no-reload disable --now', enable),
    ...systemctl('stop', stop),
    ...systemctl('--no-reload disable', templates),
  ]);
}

function systemctl(command: string, units: readonly string[]): string[] {
  return units.length === 0 ? [] : [`systemctl ${command} ${units.map((unit) => `'${unit}'`).join(' ')} || :`];
}

/** Containers and build roots have no systemd. */
function withSystemd(lines: readonly string[]): string[] {
  return conditional('if [ -x /usr/bin/systemctl ]; then', lines);
}

function conditional(condition: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [condition, ...indent(lines), 'fi'];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function script(lines: readonly string[]): Scriptlet {
  return { interpreter: SHELL, body: `${lines.join('\n')}\n` };
}
