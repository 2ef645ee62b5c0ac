/** Calls a backend that returns its environment: it is reproducible and has no network. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Of } from '@pinpack/common/digest';
import { Uv } from '../uv/uv.js';
import { encodeWheel } from '../wheel/wheel.fixture.js';
import { callHook, type PreparedBuild } from './backend.js';
import { BackendFixture, ROOT } from './backend.fixture.js';
import { planBuildPolicy } from './build-policy.js';
import { withSettings } from './build-variables.js';
import { BuildEnvironments } from './environment.js';
import { findInterpreter } from './interpreter.js';

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
def fails():
    print("to standard output"); sys.stderr.write("to standard error"); sys.exit(3)
`;

let fixture: BackendFixture;
beforeAll(async () => {
  fixture = await BackendFixture.make();
});
afterAll(() => {
  fixture.remove();
});

function prepare(name: string, environment: Record<string, string> = {}, port = '1'): PreparedBuild {
  return fixture.prepare(name, BACKEND, { environment, configSettings: { port } });
}

const build = (prepared: PreparedBuild) =>
  callHook(prepared, 'build_wheel', ({ work }) => ({ wheel_directory: join(work, 'out') }));

describe('a build', () => {
  it('does not depend on its folder and the umask', async () => {
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
    expect(readFileSync(join(fixture.folder, 'one/out/made'), 'utf8')).toBe('');
  });

  it('cannot connect to a loopback server', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await new Promise((ready) => server.once('listening', ready));
    const address = server.address();
    const port = String(typeof address === 'object' ? address?.port : '');
    const { answer } = await build(prepare('network', {}, port));
    server.close();
    expect(answer).toMatchObject({ connected: false });
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
  it('a build runs in its own folder', async () => {
    const prepared = { ...prepare('open'), policy: planBuildPolicy('off') };
    expect((await build(prepared)).answer).toMatchObject({ cwd: join(fixture.folder, 'open/source'), umask: 0o022 });
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
    const environments = new BuildEnvironments(uv, join(fixture.folder, 'failing'));
    const interpreter = await findInterpreter(uv, '3.11.2');
    const failing = environments.get({ interpreter }, [{ name: 'gone', version: '1.0', wheel }], () =>
      Promise.reject(new Error('not on the index')),
    );
    await expect(failing).rejects.toThrow('not on the index');
    expect(readFileSync(join(fixture.environment, 'pyvenv.cfg'), 'utf8')).toContain('relocatable = true');
    const again = new BuildEnvironments(uv, join(fixture.folder, 'environments'));
    expect(await again.get({ interpreter }, [], () => Promise.reject(new Error('nothing is needed')))).toBe(
      fixture.environment,
    );
  });

  it('is made without running code of its wheels', async () => {
    const marker = join(fixture.folder, 'ran');
    const fileName = 'demo-1.0-py3-none-any.whl';
    const line = `import os; open(${JSON.stringify(marker)}, "w").close()\n`;
    const wheel = encodeWheel({
      fileName,
      files: [
        { name: 'evil.pth', data: line },
        { name: 'evil.py', data: 'a = 1' },
      ],
    });
    const uv = await Uv.find(ROOT);
    const environments = new BuildEnvironments(uv, join(fixture.folder, 'evil'));
    const needed = {
      name: 'demo',
      version: '1.0',
      wheel: { name: fileName, size: wheel.length, sha256: sha256Of(wheel) },
    };
    const made = await environments.get({ interpreter: await findInterpreter(uv, '3.11.2') }, [needed], (_, path) => {
      writeFileSync(path, wheel);
      return Promise.resolve();
    });
    const installed = join(made, 'lib/python3.11/site-packages');
    expect(existsSync(join(installed, 'evil.pth'))).toBe(true);
    expect(existsSync(join(installed, '__pycache__/evil.cpython-311.pyc'))).toBe(true);
    expect(existsSync(marker)).toBe(false);
  });
});
