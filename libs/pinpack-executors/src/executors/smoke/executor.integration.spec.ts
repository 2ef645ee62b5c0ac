import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi, type TestContext } from 'vitest';
import { needInstallRoot, writeSampleWorkspace, type SampleApplication } from '../../smoke/application.fixture.js';
import smoke from './executor.js';

const OPTIONS = { reqset: 'demo', app: 'sample', rpm: 'demo-sample-1.0.0-1.noarch.rpm' };

interface Told {
  success: boolean;
  lines: string[];
  problem: string;
}

async function smokeOf(root: string): Promise<Told> {
  const log = vi.spyOn(console, 'log').mockReturnValue(undefined);
  const error = vi.spyOn(console, 'error').mockReturnValue(undefined);
  const { success } = await smoke(OPTIONS, { root });
  return { success, lines: log.mock.calls.map(String), problem: error.mock.calls.map(String).join('\n') };
}

async function smokeOfSample(context: TestContext, sample: SampleApplication): Promise<Told> {
  await needInstallRoot(context);
  return smokeOf(await writeSampleWorkspace(sample));
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the smoke test of an application', () => {
  test('installs, imports, runs, asks, removes', async (context) => {
    const server = 'import http.server; http.server.test(http.server.SimpleHTTPRequestHandler, port=8123)';
    const smoke = [
      '[tool.pinpack.smoke]',
      'imports = ["json"]',
      'command = ["say", "a b"]',
      '[tool.pinpack.smoke.http]',
      `command = ["python", "-c", ${JSON.stringify(server)}]`,
      'port = 8123',
      'path = "/no-such-file"',
      'status = 404',
    ];
    const told = await smokeOfSample(context, { smoke });
    expect(told).toEqual({
      success: true,
      problem: '',
      lines: [
        'demo-sample: installed 3 RPMs, verified by rpm -V',
        'demo-sample: imports: import sample, import json',
        'demo-sample: say a b: ran with a b',
        `demo-sample: python -c ${server}: GET /no-such-file: 404`,
        'demo-sample: removed without leftovers',
      ],
    });
  });

  test('reports a module that cannot be imported', async (context) => {
    const { success, problem } = await smokeOfSample(context, { module: 'import no_such_module' });
    expect(success).toBe(false);
    expect(problem).toMatch(/^demo-sample: imports: exit code 1 \[PINPACK_SMOKE_FAILED\]\n {2}import sample\n/);
    expect(problem).toContain("ModuleNotFoundError: No module named 'no_such_module'");
  });

  test('reports a scriptlet that failed, which dnf takes for success', async (context) => {
    const { success, problem } = await smokeOfSample(context, { post: 'echo no space >&2; exit 3' });
    expect(success).toBe(false);
    expect(problem).toMatch(/^demo-sample: dnf install: exit code 0 \[PINPACK_SMOKE_FAILED\]\n/);
    expect(problem).toContain('%post(demo-sample-1.0.0-1.noarch) scriptlet failed, exit status 3');
  });

  test('reports a command that fails', async (context) => {
    const smoke = ['smoke = { command = ["say-not"] }'];
    const { success, problem } = await smokeOfSample(context, { smoke });
    expect(success).toBe(false);
    expect(problem).toMatch(/^demo-sample: say-not: exit code 127 \[PINPACK_SMOKE_FAILED\]\n.*No such file/s);
  });

  test('reports a server that ends by itself', async (context) => {
    const smoke = ['smoke.http = { command = ["say", "nothing"], port = 8123, path = "/" }'];
    const { success, problem } = await smokeOfSample(context, { smoke });
    expect(success).toBe(false);
    expect(problem).toContain('the server ended by itself, exit code 0\n  ran with nothing');
  });

  test('reports files that its removal leaves', async (context) => {
    const { success, problem } = await smokeOfSample(context, {
      preun: `find /opt/demo-sample/venv ! -name '*.cfg' -delete || :`,
    });
    expect(success).toBe(false);
    expect(problem).toBe(
      'demo-sample: removing it left 1 files, expected none [PINPACK_SMOKE_FAILED]\n  /opt/demo-sample/venv/pyvenv.cfg',
    );
  });

  test('uses the locked release if there is another one too', async (context) => {
    await needInstallRoot(context);
    const root = await writeSampleWorkspace();
    const folder = join(root, 'dist/rpms/demo');
    writeFileSync(join(folder, 'demo-sample-1.0.0-2.noarch.rpm'), 'of another branch');
    expect(await smokeOf(root)).toMatchObject({ success: true, problem: '' });
  });

  test('reports RPMs that are not made yet', async (context) => {
    await needInstallRoot(context);
    const root = await writeSampleWorkspace();
    rmSync(join(root, 'dist/rpms/demo/demo-wheel-lib-1.0.0-1.noarch.rpm'));
    rmSync(join(root, 'dist/rpms/pinpack-runtime-1.0.0-1.noarch.rpm'));
    expect((await smokeOf(root)).problem).toBe(
      [
        'demo-sample: required RPMs are missing [PINPACK_RPM_MISSING]',
        'demo-wheel-lib-1.0.0-1: found 0 RPMs in dist/rpms/demo, expected one',
        'Make it: nx run demo-wheel-lib:rpm',
        'pinpack-runtime: found 0 RPMs in dist/rpms, expected one',
        'Make it: nx run pinpack-runtime:rpm',
      ].join('\n  '),
    );
  });
});
