// The system account of an application. rpm of EL8 and EL9 makes no accounts from sysusers.d by itself (rpm 4.19 is the first that does), and a
// file of the RPM may belong to the account: so it is made before the files are unpacked, by useradd, as Fedora's %sysusers_create_compat does.
// The sysusers.d file is there too, for images whose /etc is created at each start.
import type { Relation, Scriptlet } from '@pinpack/rpm-gen';

export function sysusersPath(name: string): string {
  return `/usr/lib/sysusers.d/${name}.conf`;
}

/** sysusers.d(5) */
export function formatSysusers(user: string, name: string): string {
  return `u ${user} - "Service account of ${name}" - -\n`;
}

/** Makes the group and the account where they aren't there yet. They stay when the RPM goes, as Fedora's guidelines ask: files may still be theirs. */
export function accountScriptlet(user: string, name: string): Scriptlet {
  const body = [
    `getent group '${user}' >/dev/null || groupadd -r '${user}' || exit 1`,
    `getent passwd '${user}' >/dev/null || useradd -r -g '${user}' -d / -M -s /sbin/nologin -c 'Service account of ${name}' '${user}' || exit 1`,
    '',
  ];
  return { interpreter: '/bin/sh', body: body.join('\n') };
}

/** By path: the package's name differs between distributions. */
export const ACCOUNT_REQUIRES: readonly Relation[] = ['/usr/bin/getent', '/usr/sbin/groupadd', '/usr/sbin/useradd'].map(
  (name) => ({ name, when: ['pre'] }),
);

/** As rpm 4.19's own generator names them, so that files of other RPMs may belong to the account. */
export function accountProvides(user: string): Relation[] {
  return [{ name: `user(${user})` }, { name: `group(${user})` }];
}
