/**
 * A host that installs over loopback HTTP: this machine's dnf and rpm, changed into a root of their own whose /usr is the machine's under an overlay. So
 * dnf works on `/` as on a server, deltas included, which it doesn't with an installroot. Needs root.
 */
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram, type ProgramResult } from '@pinpack/common/program';

/** deltarpm's helper for applying to installed files, which Debian's package lacks: the header of an installed package, by name-version-release. */
const RPMDUMPHEADER = `#!/usr/bin/python3
import sys, rpm
for header in rpm.TransactionSet().dbMatch(rpm.RPMDBI_LABEL, sys.argv[-1]):
    sys.stdout.buffer.write(bytes.fromhex("8eade80100000000") + header.unload())
    break
`;

const FOLDERS = [
  'dev',
  'etc/yum.repos.d',
  'opt',
  'proc',
  'root',
  'run',
  'tmp',
  'usr',
  'var/cache',
  'var/lib/rpm',
  'var/log',
];
const DNF = [
  'dnf',
  '-y',
  '--releasever=9',
  '--setopt=keepcache=1',
  '--setopt=retries=1',
  '--setopt=install_weak_deps=0',
];

export class NetworkHost {
  private constructor(
    private readonly base: string,
    private readonly root: string,
  ) {}

  /** @param system - a folder with repodata and the packages that stand for the machine's own */
  static async make(base: string, system: string): Promise<NetworkHost> {
    const root = join(base, 'root');
    const folders = [...FOLDERS.map((name) => join('root', name)), 'usr/bin', 'work'];
    for (const name of folders) await mkdir(join(base, name), { recursive: true });
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(root, name));
    await cp('/etc/ld.so.cache', join(root, 'etc/ld.so.cache'));
    await cp(system, join(root, 'system'), { recursive: true });
    await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    await writeFile(join(root, 'etc/group'), 'root:x:0:\n');
    await writeFile(join(root, 'root/.rpmmacros'), '%_dbpath /var/lib/rpm\n');
    await writeFile(join(base, 'usr/bin/rpmdumpheader'), RPMDUMPHEADER, { mode: 0o755 });
    const host = new NetworkHost(base, root);
    await host.addRepository('system', '[system]\nname=system\nbaseurl=file:///system\ngpgcheck=0\n');
    return host;
  }

  /** What an administrator puts into /etc/yum.repos.d. */
  async addRepository(name: string, text: string): Promise<void> {
    await writeFile(join(this.root, `etc/yum.repos.d/${name}.repo`), text);
  }

  /** Where an absolute path of the host lies on this machine; not of /usr. */
  path(path: string): string {
    return join(this.root, path);
  }

  dnf(...words: string[]): Promise<ProgramResult> {
    return this.run(...DNF, ...words);
  }

  async run(...argv: string[]): Promise<ProgramResult> {
    const { base, root } = this;
    const overlay = `userxattr,lowerdir=/usr,upperdir=${base}/usr,workdir=${base}/work`;
    const mount = `mount -t overlay overlay -o "${overlay}" ${root}/usr && exec chroot ${root} "$@"`;
    const environment = { HOME: '/root', PATH: '/usr/bin:/usr/sbin', LC_ALL: 'C.UTF-8' };
    return runProgram('bwrap', [
      // The network is this machine's, for the server is on its loopback.
      ...['--die-with-parent', '--unshare-all', '--share-net', '--uid', '0', '--gid', '0', '--cap-add', 'ALL'],
      ...['--ro-bind', '/', '/', '--bind', base, base, '--dev', '/dev', '--proc', '/proc'],
      ...['--dev', join(root, 'dev'), '--proc', join(root, 'proc'), '--clearenv'],
      ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
      ...['--', '/bin/sh', '-c', mount, 'sh', ...argv],
    ]);
  }
}
