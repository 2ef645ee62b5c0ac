/** Calls a backend that returns its environment: it is reproducible and has no network. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Uv } from '../uv/uv.js';
import { callHook, canSandbox, withSettings, type PreparedBuild } from './backend.js';
import { BuildEnvironments } from './environment.js';
import { findInterpreter } from './interpreter.js';
import { planCall } from './sandbox.js';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const BACKEND = `
import os, socket, sys, tempfile
def build_wheel(wheel_directory, config_settings=None):
    print("building")
    open(os.path.join(wheel_directory, "made"), "w").close()
    mask = os.umask(0)
    try:
        socket.create_connection(("127.0.0.1", int(config_settings["port"])), 2).close()
        connected = True
    except OSError:
        connected = False
    return {"cwd": os.getcwd(), "umask": mask, "path": sys.path[0], "connected": connected, "temporary": tempfile.mkdtemp(), "environment": dict(os.environ)}
def probe(config_settings=None):
    import ctypes
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    libc = ctypes.CDLL(None, use_errno=True)
    MS_REMOUNT, MS_BIND = 32, 4096
    def tries(act):
        try:
            return act()
        except OSError:
            return None
    names = lambda path: sorted(os.listdir(path)) if os.path.isdir(path) else []
    return {
        "capabilities": status["CapEff"].strip(),
        "isRemounted": libc.mount(None, b"/", None, MS_REMOUNT | MS_BIND, None) == 0,
        "isWritten": tries(lambda: open("/usr/pinpack-escape", "w")) is not None,
        "hasTerminal": tries(lambda: os.open("/dev/tty", os.O_RDWR)) is not None,
        "run": names("/run"),
        "home": [name for name in names(config_settings["home"]) if not name.startswith(".")],
        "shadow": tries(lambda: open("/etc/shadow").read()) or "",
    }
def fails():
    print("to standard output"); sys.stderr.write("to standard error"); sys.exit(3)
`;

let folder: string;
let environment: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pinpack-backend-'));
  const uv = await Uv.find(ROOT);
  const environments = new BuildEnvironments(uv, join(folder, 'environments'));
  const none = (): Promise<void> => Promise.reject(new Error('nothing is needed'));
  environment = await environments.get(await findInterpreter(uv, '3.11.2'), [], none);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function prepare(name: string, environmentSettings: Record<string, string> = {}, port = '1'): PreparedBuild {
  const work = join(folder, name);
  mkdirSync(join(work, 'source/tools'), { recursive: true });
  writeFileSync(join(work, 'source/tools/own_backend.py'), BACKEND);
  const system = { requires: [], backend: 'own_backend', backendPath: ['tools'] };
  return {
    folders: { work, environment },
    system,
    recipe: { environment: environmentSettings, configSettings: { port, home: homedir() } },
  };
}

const build = (prepared: PreparedBuild) =>
  callHook(prepared, 'build_wheel', ({ work }) => ({ wheel_directory: join(work, 'out') }));

describe('a build', () => {
  it('does not depend on its folder and the umask in a sandbox', async ({ skip }) => {
    if (!(await canSandbox())) skip('bubblewrap is not installed, or may not create namespaces');
    const { answer: first } = await build(prepare('one'));
    const old = process.umask(0o077);
    try {
      expect((await build(prepare('another/folder'))).answer).toEqual(first);
    } finally {
      process.umask(old);
    }
    expect(first).toMatchObject({
      cwd: '/tmp/pinpack-build/source',
      umask: 0o022,
      path: '/tmp/pinpack-build/source/tools',
      temporary: '/tmp/pinpack-build/temporary/tmppinpack0',
    });
    expect(readFileSync(join(folder, 'one/out/made'), 'utf8')).toBe('');
  });

  it('cannot connect to a loopback server in a sandbox', async ({ skip }) => {
    if (!(await canSandbox())) skip('bubblewrap is not installed, or may not create namespaces');
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    const address = server.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    const { answer } = await build(prepare('network', {}, port));
    server.close();
    expect(answer).toMatchObject({ connected: false });
  });

  it('has no capabilities, terminal, sockets, home or secrets in a sandbox, also as root', async ({ skip }) => {
    if (!(await canSandbox())) skip('bubblewrap is not installed, or may not create namespaces');
    const { answer } = await callHook(prepare('escape'), 'probe', () => ({}));
    expect(answer).toMatchObject({
      capabilities: '0000000000000000',
      isRemounted: false,
      isWritten: false,
      hasTerminal: false,
      run: [],
      home: [],
      shadow: '',
    });
  });

  it('inherits only PATH, and gets the variables of the settings', async () => {
    process.env.PINPACK_SECRET = 'secret';
    const { answer } = await build(prepare('environment', { ANSWER: '42', CFLAGS: '-O3' }));
    Reflect.deleteProperty(process.env, 'PINPACK_SECRET');
    const { environment: seen } = answer as { environment: Record<string, string> };
    expect(seen).not.toHaveProperty('PINPACK_SECRET');
    expect(seen).toMatchObject({ ANSWER: '42', SOURCE_DATE_EPOCH: '315532800', PIP_NO_INDEX: '1' });
    expect(seen.CFLAGS).toMatch(/^-g0 -ffile-prefix-map=.* -O3$/);
  });

  it('returns its output if it fails', async () => {
    const { failed, output } = await callHook(prepare('failing'), 'fails', () => ({}));
    expect(failed).toBe(true);
    expect(output).toContain("unexpected keyword argument 'config_settings'");
  });

  it('returns null for a hook that the backend does not have', async () => {
    expect(await callHook(prepare('lacking'), 'get_requires_for_build_wheel', () => ({}))).toMatchObject({
      answer: null,
    });
  });
});

describe('without a sandbox', () => {
  const folders = { work: '/w', environment: '/e' };

  it('a build runs in its own folder', () => {
    expect(planCall(folders, (seen) => [`${seen.environment}/bin/python`, '-s'], { isSandboxed: false })).toEqual({
      program: '/e/bin/python',
      words: ['-s'],
      folders,
    });
  });

  it('settings append to flags and replace other variables', () => {
    expect(withSettings({ CFLAGS: '-g0', A: '1' }, { CFLAGS: '-O3', A: '2', LDFLAGS: '-s' })).toEqual({
      CFLAGS: '-g0 -O3',
      A: '2',
      LDFLAGS: '-s',
    });
  });
});

describe('a build environment', () => {
  it('is shared by builds with the same requirements, also after a failed one', async () => {
    const uv = await Uv.find(ROOT);
    const wheel = { name: 'gone-1.0-py3-none-any.whl', size: 1, sha256: 'ab'.repeat(32) };
    const environments = new BuildEnvironments(uv, join(folder, 'failing'));
    const interpreter = await findInterpreter(uv, '3.11.2');
    const failing = environments.get(interpreter, [{ name: 'gone', version: '1.0', wheel }], () =>
      Promise.reject(new Error('not on the index')),
    );
    await expect(failing).rejects.toThrow('not on the index');
    expect(readFileSync(join(environment, 'pyvenv.cfg'), 'utf8')).toContain('relocatable = true');
    const again = new BuildEnvironments(uv, join(folder, 'environments'));
    expect(await again.get(interpreter, [], () => Promise.reject(new Error('nothing is needed')))).toBe(environment);
  });
});
