/**
 * A host of its own for specs: dnf and rpm of this machine in a root without network, which reads a repository over loopback HTTP and installs, with the
 * machine's own /usr under an overlay. Needs root.
 */
import { cpSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export const HOST_PROGRAMS = ['bwrap', 'rpm', 'dnf', 'createrepo_c', 'applydeltarpm', 'gpg', 'gpgconf'];

const PLUGIN_SOURCE = fileURLToPath(new URL('../../pinpack-dnf', import.meta.url));

/** Serves /repository and runs a command meanwhile; then returns the requested paths. */
const SERVE_AND_RUN = `
import functools, http.server, subprocess, sys, threading
asked, sent = [], []
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, form, *words):
        asked.append(" ".join(map(str, words[:2])))
    def send_header(self, name, value):
        if name == "Content-Length":
            sent.append(int(value))
        super().send_header(name, value)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 8000), functools.partial(Handler, directory="/repository"))
threading.Thread(target=server.serve_forever, daemon=True).start()
code = subprocess.call(sys.argv[1:])
print("ASKED", sum(sent), *asked, sep="\\n", flush=True)
sys.exit(code)
`;

/** deltarpm's helper for applying to installed files, which Debian's package lacks: the header of an installed package, by name-version-release. */
const RPMDUMPHEADER = `#!/usr/bin/python3
import sys, rpm
for header in rpm.TransactionSet().dbMatch(rpm.RPMDBI_LABEL, sys.argv[-1]):
    sys.stdout.buffer.write(bytes.fromhex("8eade80100000000") + header.unload())
    break
`;

const REPOSITORY = `[under-test]
name=under test
baseurl=http://127.0.0.1:8000/
gpgkey=http://127.0.0.1:8000/RPM-GPG-KEY-pinpack
gpgcheck=1
repo_gpgcheck=1
metadata_expire=0
deltarpm=1
retries=1
skip_if_unavailable=0
`;

export interface HostResult {
  exitCode: number;
  output: string;
  /** What was asked of the repository: `/drpms/….drpm` */
  asked: string[];
  /** Bytes that the server sent. */
  bytes: number;
}

/** The system of a host: that of this machine, or one in a folder, made by debootstrap. */
export interface HostSystem {
  /** `''`: this machine. */
  folder: string;
  dnf: 'dnf' | 'dnf5';
}

const THIS_MACHINE: HostSystem = { folder: '', dnf: 'dnf' };

export class DnfHost {
  private readonly base: string;
  private readonly root: string;
  private readonly system: HostSystem;

  /** @param like - a host whose system and packages this one has too */
  constructor(folder: string, like?: DnfHost, system = like?.system ?? THIS_MACHINE) {
    this.system = system;
    this.base = mkdtempSync(join(folder, 'host-'));
    this.root = join(this.base, 'root');
    const folders = [
      'dev',
      'etc/yum.repos.d',
      'opt',
      'proc',
      'root',
      'run',
      'tmp',
      'usr',
      'var/lib/rpm',
      'var/cache',
      'var/log',
    ];
    for (const name of [...folders.map((each) => `root/${each}`), 'usr/bin', 'work'])
      mkdirSync(join(this.base, name), { recursive: true });
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(this.root, name));
    if (system.folder === '') cpSync('/etc/ld.so.cache', join(this.root, 'etc/ld.so.cache'));
    else
      cpSync(join(system.folder, 'etc'), join(this.root, 'etc'), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => lstatSync(path).isDirectory() || lstatSync(path).isFile(),
      });
    writeFileSync(join(this.root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    writeFileSync(join(this.root, 'etc/group'), 'root:x:0:\n');
    writeFileSync(join(this.root, 'etc/yum.repos.d/under-test.repo'), REPOSITORY);
    // Debian's rpm keeps its database in $HOME by default.
    writeFileSync(join(this.root, 'root/.rpmmacros'), '%_dbpath /var/lib/rpm\n');
    writeFileSync(join(this.base, 'usr/bin/rpmdumpheader'), RPMDUMPHEADER, { mode: 0o755 });
    if (like === undefined) return;
    for (const path of ['/opt', '/var/lib/rpm', '/usr/'])
      cpSync(like.own(path), this.own(path), {
        ...{ recursive: true, preserveTimestamps: true, verbatimSymlinks: true },
      });
  }

  /** What the host sees from now on. */
  serve(repository: string): void {
    rmSync(join(this.root, 'repository'), { recursive: true, force: true });
    cpSync(repository, join(this.root, 'repository'), { recursive: true });
  }

  /** A file of the repository as the host sees it. */
  path(file: string): string {
    return join(this.root, 'repository', file);
  }

  /** Installs the plugin that applies patches, from the sources. */
  addPlugin(): void {
    const library = join(this.base, 'usr/lib/pinpack-dnf');
    for (const part of ['src', 'bin', 'plugins'])
      cpSync(join(PLUGIN_SOURCE, part), library, { recursive: true, filter: (path) => !path.endsWith('__pycache__') });
    const links =
      this.system.dnf === 'dnf'
        ? { 'pinpack.py': 'usr/lib/python3/dist-packages/dnf-plugins/pinpack.py' }
        : {
            'pinpack.actions': 'etc/dnf/libdnf5-plugins/actions.d/pinpack.actions',
            'pinpack-dnf5.conf': 'usr/share/dnf5/libdnf.conf.d/50-pinpack.conf',
          };
    for (const [file, link] of Object.entries(links)) {
      mkdirSync(dirname(this.own(`/${link}`)), { recursive: true });
      symlinkSync(`/usr/lib/pinpack-dnf/${file}`, this.own(`/${link}`));
    }
  }

  /** What the host serves is a local repository of zypper. */
  addZypperRepository(): void {
    const folder = join(this.root, 'etc/zypp/repos.d');
    mkdirSync(folder, { recursive: true });
    // zypper expects a system of RPMs, with glibc.
    writeFileSync(join(this.root, 'etc/zypp/systemCheck'), '');
    const lines = ['[under-test]', 'name=under test', 'enabled=1', 'baseurl=dir:///repository', 'gpgcheck=1'];
    const checks = ['repo_gpgcheck=1', 'pkg_gpgcheck=1', 'gpgkey=file:///repository/RPM-GPG-KEY-pinpack', ''];
    writeFileSync(join(folder, 'under-test.repo'), [...lines, ...checks].join('\n'));
  }

  /** A file of the host itself. */
  own(path: string): string {
    return path.startsWith('/usr/') ? join(this.base, path) : join(this.root, path);
  }

  async dnf(...words: string[]): Promise<HostResult> {
    return resultOf(await this.run('python3', '-c', SERVE_AND_RUN, this.system.dnf, '-y', '--releasever=9', ...words));
  }

  /** With a cache that has space for metadata and patches, but not for RPMs. */
  async dnfOnFullDisk(...words: string[]): Promise<HostResult> {
    const mount = 'mount -t tmpfs -o size=400k tmpfs /var/cache && exec "$@"';
    const dnf = ['python3', '-c', SERVE_AND_RUN, this.system.dnf, '-y', '--releasever=9', ...words];
    return resultOf(await this.run('/bin/sh', '-c', mount, 'sh', ...dnf));
  }

  async run(...argv: string[]): Promise<{ exitCode: number; output: string }> {
    const { base, root } = this;
    const mount = `mount -t overlay overlay -o "userxattr,lowerdir=${this.system.folder}/usr,upperdir=${base}/usr,workdir=${base}/work" ${root}/usr`;
    const devices = ['--dev', '/dev', '--proc', '/proc', '--dev', join(root, 'dev'), '--proc', join(root, 'proc')];
    const result = await execa(
      'bwrap',
      [
        ...['--die-with-parent', '--unshare-all', '--uid', '0', '--gid', '0', '--cap-add', 'ALL'],
        ...['--ro-bind', '/', '/', '--bind', base, base, ...devices],
        ...[
          '--clearenv',
          '--setenv',
          'HOME',
          '/root',
          '--setenv',
          'PATH',
          '/usr/bin:/usr/sbin',
          '--setenv',
          'LC_ALL',
          'C.UTF-8',
        ],
        ...['--', '/bin/sh', '-c', `${mount} && exec chroot ${root} "$@"`, 'sh', ...argv],
      ],
      { all: true, reject: false },
    );
    return { exitCode: result.exitCode ?? -1, output: result.all };
  }
}

function resultOf({ exitCode, output }: { exitCode: number; output: string }): HostResult {
  const [printed = '', report = ''] = output.split(/\nASKED(?:\n|$)/);
  const [bytes = '', ...asked] = report.split('\n');
  return {
    ...{ exitCode, output: printed, bytes: Number(bytes) },
    asked: asked.map((line) => line.split(' ')[1] ?? ''),
  };
}
