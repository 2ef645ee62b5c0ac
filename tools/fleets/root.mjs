// A throw-away copy of a root: an overlay over it, in a mount namespace of its own. rpm of version 6 has a plugin that makes scriptlets fail without one.
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

const MOUNT = `
set -e
mount -t tmpfs -o size=2g tmpfs "$SCRATCH"
mkdir "$SCRATCH/upper" "$SCRATCH/work" "$SCRATCH/root"
mount -t overlay overlay -o "lowerdir=$ROOT,upperdir=$SCRATCH/upper,workdir=$SCRATCH/work" "$SCRATCH/root"
mount --rbind /proc "$SCRATCH/root/proc"
mount --rbind /dev "$SCRATCH/root/dev"
mount -t tmpfs tmpfs "$SCRATCH/root/tmp"
mount -t tmpfs tmpfs "$SCRATCH/root/run"
rm -rf "$SCRATCH/root/var/lib/rpm" "$SCRATCH/root/etc/yum.repos.d" "$SCRATCH/root/etc/zypp/repos.d"
mkdir -p "$SCRATCH/root/var/lib/rpm" "$SCRATCH/root/etc/yum.repos.d" "$SCRATCH/root/etc/zypp/repos.d"
# Debian's rpm keeps the database of each user apart.
echo '%_dbpath /var/lib/rpm' > "$SCRATCH/root/root/.rpmmacros"
echo ready
exec sleep infinity
`;

export class Root {
  /** @param {string} root - which is not changed. @param {string} scratch - an empty folder for mounts */
  static async start(root, scratch) {
    await mkdir(scratch, { recursive: true });
    const process = execa('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', MOUNT], {
      env: { ROOT: root, SCRATCH: scratch },
      buffer: false,
      reject: false,
    });
    const [line] = await Promise.race([once(process.stdout, 'data'), once(process, 'exit').then(() => [''])]);
    if (!String(line).startsWith('ready')) throw new Error(`${root}: could not be mounted; this needs root's rights`);
    return new Root(process, scratch);
  }

  constructor(process, scratch) {
    this.process = process;
    this.scratch = scratch;
  }

  /** Runs a command of the shell in the root. */
  async run(command) {
    const words = ['--target', String(this.process.pid), '--mount', 'chroot', join(this.scratch, 'root')];
    const environment = [
      'env',
      '-i',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      'HOME=/root',
      'LC_ALL=C.UTF-8',
      'TERM=dumb',
    ];
    const started = performance.now();
    const result = await execa('nsenter', [...words, ...environment, 'sh', '-c', command], {
      all: true,
      reject: false,
    });
    return { output: result.all, exitCode: result.exitCode, seconds: (performance.now() - started) / 1000 };
  }

  async write(path, text) {
    const outside = join(this.scratch, '..', 'text');
    await mkdir(dirname(outside), { recursive: true });
    await writeFile(outside, text);
    const target = join(this.scratch, 'root', path);
    const words = ['--target', String(this.process.pid), '--mount', 'cp', outside, target];
    await execa('nsenter', words);
  }

  async stop() {
    this.process.kill();
    await this.process;
    await rm(this.scratch, { recursive: true, force: true });
  }
}
