/** Build backends that attack the machine, as root, as root of a container, and as an unprivileged user. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BackendFixture } from './backend.fixture.js';
import { planBuildPolicy, type BuildLimits } from './build-policy.js';
import { ATTACKER, callAs, CALLERS, forCaller } from './sandbox-attack.fixture.js';
import type { PreparedBuild } from './backend.js';

const LIMITS: Partial<BuildLimits> = { timeMinutes: 1, memoryMiB: 512, processes: 64, diskMiB: 64, logMiB: 2 };

/** Folder of the root folder that contains the home folder. */
const [, HOME = ''] = homedir().split('/');
/** The home folder appears only as a parent of the toolchains of rustup. */
const TOOLS_ONLY = expect.toSatisfy(
  (names: unknown) => names === 'ENOENT' || (names as string[]).every((name) => ['.cargo', '.rustup'].includes(name)),
) as unknown;

const HIDDEN = ['root', 'home', 'run', 'sys', 'mnt', 'srv', 'boot', 'opt', 'var/lib'];
const TOP = expect.toSatisfy((names: string[]) =>
  names.every((name) => name === HOME || !HIDDEN.includes(name)),
) as unknown;
const FEW = expect.toSatisfy((count: number) => count <= 3) as unknown;

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

let fixture: BackendFixture;
beforeAll(async () => {
  fixture = await BackendFixture.make();
});
afterAll(() => {
  fixture.remove();
});

function prepare(name: string, limits: Partial<BuildLimits> = LIMITS, configSettings = {}): PreparedBuild {
  return fixture.prepare(name, ATTACKER, { policy: planBuildPolicy('on', limits), configSettings });
}

async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.end()).listen(path);
  await new Promise((ready) => server.once('listening', ready));
  return server;
}

describe.each(CALLERS.map((caller, index) => [caller.name, caller, index] as const))('as %s', (_, caller, index) => {
  const attack = (name: string, hook: string, limits = LIMITS) =>
    callAs(caller, forCaller(prepare(name, limits), index), hook);

  it('a build has no capabilities, host files, sockets, terminal or processes of others', async () => {
    const socket = join(fixture.folder, `agent-${index}.sock`);
    const abstract = `pinpack-${process.pid}-${index}`;
    const servers = [await listen(socket), await listen(`\0${abstract}`)];
    const others = [homedir(), process.cwd(), fixture.folder, '/run', '/home', '/var/lib', '/sys', '/boot', '/mnt'];
    const settings = { sockets: socket, abstract, others: others.join(',') };
    const prepared = forCaller(prepare('escape', LIMITS, settings), index);
    const { answer, output } = await callAs(caller, prepared, 'build_wheel');
    for (const server of servers) server.close();
    expect(answer, output).toEqual({
      capabilities: Array(5).fill('0000000000000000'),
      noNewPrivileges: '1',
      user: 1000,
      remount: 'EPERM',
      calls: {
        ...{
          unshare: 'EPERM',
          setns: 'EPERM',
          ptrace: 'EPERM',
          keyctl: 'EPERM',
          bpf: 'EPERM',
          perf_event_open: 'EPERM',
        },
        ...{ io_uring_setup: 'EPERM', memfd_create: 'ENOSYS', clone3: 'ENOSYS' },
      },
      clone: 'EPERM',
      writes: {
        ...{ '/usr/pinpack-escape': 'EROFS', '/etc/pinpack-escape': 'EROFS', '/pinpack-escape': 'EROFS' },
        ...{
          '/dev/pinpack-escape': 'EROFS',
          '/proc/sys/kernel/core_pattern': matching(/^(EROFS|EACCES)$/),
        },
        ...{
          '/pinpack/backend.py': matching(/^(EROFS|EACCES)$/),
          '/tmp/pinpack-build/environment/escape': 'EROFS',
        },
      },
      reads: {
        ...{
          '/etc/shadow': 'ENOENT',
          '/etc/gshadow': 'ENOENT',
          '/etc/sudoers': 'ENOENT',
          '/proc/kcore': matching(/^E/),
        },
        ...{ '/proc/1/mem': matching(/^E/), '/dev/mem': 'ENOENT', '/dev/kmsg': 'ENOENT' },
      },
      terminal: 'ENXIO',
      typing: 'EPERM',
      sockets: { [socket]: 'ENOENT' },
      abstract: 'ECONNREFUSED',
      vsock: 'EAFNOSUPPORT',
      top: TOP,
      others: { ...Object.fromEntries(others.map((path) => [path, 'ENOENT'])), [homedir()]: TOOLS_ONLY },
      accounts: ['build', 'nobody'],
      descriptors: [],
      processes: FEW,
      interfaces: ['lo'],
    });
    // A process with root's user id would be root for the files that it sees.
    const user = statSync(join(prepared.folders.work, 'out/made')).uid;
    if (caller.name === 'root' || caller.name === 'an unprivileged user') expect(user).not.toBe(0);
    expect(['/usr', '/etc', '/'].filter((folder) => existsSync(join(folder, 'pinpack-escape')))).toEqual([]);
  });

  it('a fork bomb is stopped', async () => {
    // Without the kernel's limit for a user, only the timer stops it, and a real bomb would disturb all that runs beside.
    const { exceeded, failed } = await attack('bomb', caller.name.includes('container') ? 'spawns' : 'bomb');
    expect({ failed, limit: exceeded?.limit }).toEqual({ failed: true, limit: 'processes' });
  });

  it.skipIf(caller.name.includes('container'))('memory is limited in one process and in all together', async () => {
    const [hog, spread] = [await attack('hog', 'hog'), await attack('spread', 'spread')];
    expect(hog.failed).toBe(true);
    // One process may reach the kernel's limit before it is measured.
    if (hog.exceeded === undefined) expect(hog.output).toContain('MemoryError');
    else expect(hog.exceeded.limit).toBe('memoryMiB');
    expect(spread.exceeded?.limit).toBe('memoryMiB');
  });
});

describe('a build', () => {
  const [caller = { name: '' }] = CALLERS;
  const attack = (name: string, hook: string, limits = LIMITS) => callAs(caller, prepare(name, limits), hook);

  it('disk space, output and time are limited', async () => {
    expect((await attack('fills', 'fills')).exceeded?.limit).toBe('diskMiB');
    expect((await attack('temporary', 'temporary')).exceeded?.limit).toBe('diskMiB');
    const printed = await attack('prints', 'prints');
    expect(printed.exceeded?.limit).toBe('logMiB');
    expect(printed.output.length).toBeLessThan(8 * 1024 * 1024);
    expect((await attack('endless', 'endless', { ...LIMITS, timeMinutes: 0.03 })).exceeded?.limit).toBe('timeMinutes');
  });

  it('nothing of a build runs after its end', async () => {
    const prepared = prepare('detached');
    expect((await callAs(caller, prepared, 'detached')).failed).toBe(false);
    const commands = readdirSync('/proc').filter(
      (id) => /^\d+$/.test(id) && commandOf(id).includes(prepared.folders.work),
    );
    expect(commands).toEqual([]);
  });

  it('links and pipes in the place of results are not followed', async () => {
    const prepared = prepare('entangled');
    expect((await callAs(caller, prepared, 'entangles')).failed).toBe(false);
    await expect(callAs(caller, prepared, 'endless')).rejects.toThrow('in the work folder of the build');
    await expect(attack('blocks', 'blocks')).rejects.toThrow('result.json: in the work folder');
    await expect(attack('points', 'points')).rejects.toThrow('result.json: in the work folder');
    await expect(attack('lies', 'lies')).rejects.toThrow('expected JSON');
  });
});

function commandOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

it('folders of the settings are visible, read-only', async () => {
  const folder = join(fixture.folder, 'cuda');
  mkdirSync(folder);
  const policy = planBuildPolicy('on', { readable: [folder] });
  const settings = { sockets: '', abstract: 'x', others: folder };
  const prepared = fixture.prepare('readable', ATTACKER, { policy, configSettings: settings });
  const { answer } = await callAs({ name: '' }, prepared, 'build_wheel');
  expect(answer).toMatchObject({ others: { [folder]: [] } });
});
