// The scriptlets of an application RPM: calls of pinpack-runtime, and what Fedora's %systemd_post, _preun and _postun_with_restart do.
import type { Relation, RpmSpec, Scriptlet } from '@pinpack/rpm-gen';
import { accountScriptlet } from './application-account.js';
import { applicationPaths } from './application-paths.js';

const SHELL = '/bin/sh';
const RUNTIME = '/usr/bin/pinpack-runtime';
/** Containers and build roots have no systemd. */
const WITH_SYSTEMD = 'if [ -x /usr/bin/systemctl ]; then';

/** @param version - of pinpack-runtime, the oldest that knows all the commands */
export function runtimeRequires(version: string): Relation {
  return { name: 'pinpack-runtime', sense: '>=', version, when: ['post', 'preun', 'verify'] };
}

export interface ScriptletRequest {
  /** Of the RPM. */
  name: string;
  /** A system account to make. */
  user?: string | undefined;
  /** `reqset3-my-app.service` */
  unit?: string | undefined;
}

/** Names hold no characters that a shell would read otherwise: names of RPMs, units and accounts are checked. */
export function applicationScriptlets({ name, user, unit }: ScriptletRequest): RpmSpec['scriptlets'] {
  const call = (command: string): string =>
    `${RUNTIME} application ${command} --manifest '${applicationPaths(name).manifest}'`;
  return {
    ...(user !== undefined && { pre: accountScriptlet(user, name) }),
    post: script([...(unit === undefined ? [] : [...announce(unit)]), call('make')]),
    // $1 is the number of versions that stay: on an upgrade the newer one's environment is none of the older one's business.
    preun: script([
      'if [ "$1" -eq 0 ]; then',
      ...(unit === undefined
        ? []
        : indent([WITH_SYSTEMD, `  systemctl --no-reload disable --now '${unit}' || :`, 'fi'])),
      `  ${call('remove')}`,
      'fi',
    ]),
    ...(unit !== undefined && {
      // The unit's file is gone by then.
      postun: script([WITH_SYSTEMD, '  systemctl daemon-reload || :', 'fi']),
      // When everything of the transaction is in place. What doesn't run, as after the first installation, is left alone.
      posttrans: script([WITH_SYSTEMD, `  systemctl try-restart '${unit}' || :`, 'fi']),
    }),
    verify: script([call('verify')]),
  };
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
