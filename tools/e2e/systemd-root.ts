/** A root with a real systemd, dnf and rpm, in namespaces of its own: what an upgrade does to a service that runs. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { runProgram, type ProgramResult } from '@pinpack/common/program';
import { HarnessError } from './harness-error.js';

const SCRIPT = fileURLToPath(new URL('systemd-root.sh', import.meta.url));
const SECONDS = 60;

/** Why this machine cannot start one; undefined if it can. */
export async function explainNoSystemd(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'namespaces and an overlay of the root need root';
  const programs = ['/lib/systemd/systemd', '/usr/bin/nsenter', '/usr/bin/unshare', '/usr/bin/findmnt'];
  const missing = programs.find((program) => !existsSync(program));
  if (missing !== undefined) return `${missing} is missing`;
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts.includes(' cgroup2 ') ? undefined : 'no cgroup2 hierarchy is mounted';
}

export class SystemdRoot {
  private constructor(
    private readonly folder: string,
    private readonly process: ChildProcess,
    private readonly pid: number,
  ) {}

  /** @param folder - empty, on a file system of this machine */
  static async start(folder: string): Promise<SystemdRoot> {
    await mkdir(folder, { recursive: true });
    const child = spawn(SCRIPT, [folder], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let output = '';
    child.stderr.on('data', (data: Buffer) => (output += data.toString()));
    for (let tries = 0; tries < SECONDS * 5; tries++) {
      await delay(200);
      if (child.exitCode !== null) break;
      const pid = childOf(child.pid ?? 0);
      if (pid === undefined || (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')) !== 'systemd\n') continue;
      const root = new SystemdRoot(folder, child, pid);
      const { stdout } = await root.run(['systemctl', 'is-system-running']);
      if (/running|degraded/.test(stdout)) return root;
    }
    child.kill('SIGKILL');
    throw new HarnessError('HARNESS_UNUSABLE', 'systemd', `did not start in ${SECONDS} s: ${output}`);
  }

  /** Runs a program of the root, within its namespaces. */
  run(argv: readonly string[]): Promise<ProgramResult> {
    const namespaces = ['--mount', '--pid', '--cgroup', '--ipc', '--uts', '--net', '--root', '--wd'];
    return runProgram('nsenter', ['--target', String(this.pid), ...namespaces, '--', ...argv], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8' },
    });
  }

  /** `dnf(repository, ['upgrade'])`, with a folder of this machine as the only repository. */
  async dnf(repository: string, args: readonly string[]): Promise<ProgramResult> {
    const inside = `/srv${repository}`;
    await cp(repository, this.path(inside), { recursive: true });
    const settings = ['reposdir=/nonexistent', 'install_weak_deps=0', 'gpgcheck=0'].map((one) => `--setopt=${one}`);
    return this.run(['dnf', '-y', '--releasever', '9', `--repofrompath=under-test,${inside}`, ...settings, ...args]);
  }

  /** The path on this machine of a path of the root. */
  path(path: string): string {
    return join(`/proc/${this.pid}/root`, path);
  }

  /** Ends all its processes and removes its cgroups. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await ended;
    const cgroup = (await readFile(join(this.folder, 'cgroup'), 'utf8')).trim();
    // The processes of the namespace end a moment later.
    for (let tries = 0; tries < 50; tries++) {
      if (await removeCgroup(cgroup)) return;
      await delay(100);
    }
  }
}

function childOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]) || undefined;
  } catch {
    return undefined;
  }
}

async function removeCgroup(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeCgroup(join(folder, entry.name));
  return rmdir(folder).then(
    () => true,
    () => false,
  );
}
