// A throw-away copy of a root, with a systemd of its own: an overlay over it, in namespaces. rpm of version 6 has a plugin that makes scriptlets fail without one.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const SCRIPT = fileURLToPath(new URL('../e2e/systemd-root.sh', import.meta.url));
const SECONDS = 60;
/** Not the network: installers get the RPMs from this machine. */
const NAMESPACES = ['--mount', '--pid', '--cgroup', '--ipc', '--uts', '--root', '--wd'];
const ENVIRONMENT = ['-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C.UTF-8', 'TERM=dumb'];

export class Root {
  /** @param {string} lower - which is not changed. @param {string} scratch - a folder for mounts */
  static async start(lower, scratch) {
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true });
    const script = execa(SCRIPT, [scratch], { env: { LOWER_ROOT: lower }, reject: false, stdout: 'ignore' });
    const root = new Root(script, scratch);
    for (let tries = 0; tries < SECONDS * 5; tries++) {
      await delay(200);
      if (script.exitCode !== null && script.exitCode !== undefined) break;
      root.pid = await systemdOf(script.pid);
      if (root.pid === undefined) continue;
      const { output } = await root.run('systemctl is-system-running');
      if (!/^(running|degraded)/.test(output)) continue;
      await root.run('rm -rf /etc/yum.repos.d /etc/zypp/repos.d; mkdir -p /etc/yum.repos.d /etc/zypp/repos.d');
      return root;
    }
    script.kill('SIGKILL');
    throw new Error(`${lower}: systemd did not start in it; this needs root's rights: ${(await script).stderr}`);
  }

  constructor(script, scratch) {
    this.script = script;
    this.scratch = scratch;
  }

  /** Runs a command of the shell in the root. */
  async run(command) {
    const words = ['--target', String(this.pid), ...NAMESPACES, '--', 'env', ...ENVIRONMENT, 'sh', '-c', command];
    const started = performance.now();
    const { all, exitCode } = await execa('nsenter', words, { all: true, reject: false });
    return { output: all, exitCode, seconds: (performance.now() - started) / 1000 };
  }

  async write(path, text) {
    const target = join(`/proc/${this.pid}/root`, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }

  async stop() {
    this.script.kill('SIGKILL');
    await this.script;
    const cgroup = (await readFile(join(this.scratch, 'cgroup'), 'utf8')).trim();
    // The processes of the namespace end a moment later.
    for (let tries = 0; tries < 50 && existsSync(cgroup); tries++) {
      await execa('find', [cgroup, '-depth', '-type', 'd', '-delete'], { reject: false });
      await delay(100);
    }
    await rm(this.scratch, { recursive: true, force: true });
  }
}

async function systemdOf(pid) {
  const read = (path) => readFile(path, 'utf8').catch(() => '');
  const [child] = (await read(`/proc/${pid}/task/${pid}/children`)).split(' ');
  return child !== '' && (await read(`/proc/${child}/comm`)) === 'systemd\n' ? Number(child) : undefined;
}
