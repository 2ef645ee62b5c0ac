/**
 * A host of its own for specs: dnf and rpm of this machine in a root without network, which reads a repository over loopback HTTP and installs, with the
 * machine's own /usr under an overlay. Needs root.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
`;

export interface HostResult {
  exitCode: number;
  output: string;
  /** What was asked of the repository: `/drpms/….drpm` */
  asked: string[];
  /** Bytes that the server sent. */
  bytes: number;
}

export class DnfHost {
  private readonly base: string;
  private readonly root: string;

  /** @param like - a host whose packages this one has too */
  constructor(folder: string, like?: DnfHost) {
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
    cpSync('/etc/ld.so.cache', join(this.root, 'etc/ld.so.cache'));
    writeFileSync(join(this.root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    writeFileSync(join(this.root, 'etc/group'), 'root:x:0:\n');
    writeFileSync(join(this.root, 'etc/yum.repos.d/under-test.repo'), REPOSITORY);
    // Debian's rpm keeps its database in $HOME by default.
    writeFileSync(join(this.root, 'root/.rpmmacros'), '%_dbpath /var/lib/rpm\n');
    writeFileSync(join(this.base, 'usr/bin/rpmdumpheader'), RPMDUMPHEADER, { mode: 0o755 });
    if (like === undefined) return;
    for (const name of ['opt', 'var/lib/rpm'])
      cpSync(join(like.root, name), join(this.root, name), { recursive: true, preserveTimestamps: true });
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
    cpSync(join(PLUGIN_SOURCE, 'src/pinpack_patch'), join(library, 'pinpack_patch'), { recursive: true });
    cpSync(join(PLUGIN_SOURCE, 'bin/pinpack-patch'), join(library, 'pinpack-patch'));
    const plugins = join(this.base, 'usr/lib/python3/dist-packages/dnf-plugins');
    mkdirSync(plugins, { recursive: true });
    cpSync(join(PLUGIN_SOURCE, 'plugins/pinpack.py'), join(plugins, 'pinpack.py'));
  }

  /** A file of the host itself. */
  own(path: string): string {
    return path.startsWith('/usr/') ? join(this.base, path) : join(this.root, path);
  }

  async dnf(...words: string[]): Promise<HostResult> {
    return resultOf(await this.run('python3', '-c', SERVE_AND_RUN, 'dnf', '-y', '--releasever=9', ...words));
  }

  /** With a cache that has space for metadata and patches, but not for RPMs. */
  async dnfOnFullDisk(...words: string[]): Promise<HostResult> {
    const mount = 'mount -t tmpfs -o size=400k tmpfs /var/cache && exec "$@"';
    const dnf = ['python3', '-c', SERVE_AND_RUN, 'dnf', '-y', '--releasever=9', ...words];
    return resultOf(await this.run('/bin/sh', '-c', mount, 'sh', ...dnf));
  }

  async run(...argv: string[]): Promise<{ exitCode: number; output: string }> {
    const { base, root } = this;
    const mount = `mount -t overlay overlay -o "userxattr,lowerdir=/usr,upperdir=${base}/usr,workdir=${base}/work" ${root}/usr`;
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
