import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runExecutor, writeBuiltWorkspace } from '../../publishing/built-workspace.fixture.js';
import audit, { type AuditTargetOptions } from './executor.js';

const DEMO = { name: 'demo', version: '1.0' };
const OTHER = { name: 'other', version: '1.0' };
const RECORD = {
  id: 'GHSA-1',
  aliases: ['CVE-1'],
  summary: 'Made up',
  affected: [
    {
      package: { ecosystem: 'PyPI', name: 'demo' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.1' }] }],
    },
  ],
  database_specific: { severity: 'HIGH' },
};
const EXCEPTION = {
  id: 'GHSA-1',
  pin: 'Demo',
  status: 'not_affected',
  justification: 'vulnerable_code_not_in_execute_path',
  reason: 'we never parse',
};

describe('audit', () => {
  let root: string;
  beforeAll(async () => {
    root = await writeBuiltWorkspace([DEMO, OTHER]);
    mkdirSync(join(root, 'osv'));
    writeFileSync(join(root, 'osv/1.json'), JSON.stringify(RECORD));
  });
  const run = (options: Partial<AuditTargetOptions> = {}) =>
    runExecutor(audit, { reqset: 'demo', ...options }, { root, plugin: { audit: { osv: 'osv' } } });
  const except = (more: object) => {
    writeFileSync(
      join(root, 'vulnerability-exceptions.json'),
      JSON.stringify({ format: 1, exceptions: [{ ...EXCEPTION, ...more }] }),
    );
  };

  test('fails from a severity on, and names the fix', async () => {
    const { success, output, errors } = await run();
    expect(success).toBe(false);
    expect(output).toMatch(/^high +demo 1\.0 +CVE-1 GHSA-1 +1\.1 +Made up$/m);
    expect(output).toMatch(/^demo: 1 vulnerability \(1 high\), in 2 pins \(osv: 1 record\)$/m);
    expect(errors).toContain('PINPACK_VULNERABLE');
    expect((await run({ failOn: 'critical' })).success).toBe(true);
    expect((await run({ failOn: 'high' })).success).toBe(false);
    expect((await run({ failOn: 'never' })).success).toBe(true);
  });

  test('prints JSON alone, and writes it to a file', async () => {
    const { output } = await run({ json: true });
    expect(JSON.parse(output)).toMatchObject({
      label: 'demo',
      failed: 1,
      vulnerabilities: [{ id: 'CVE-1', fails: true }],
    });
    await run({ output: 'out/audit.json' });
    expect(readFileSync(join(root, 'out/audit.json'), 'utf8')).toBe(`${output}\n`);
  });

  test('accepts what was reviewed, by any of its names, until the review expires', async () => {
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    except({ expires: day(1) });
    const accepted = await run();
    expect(accepted.success).toBe(true);
    expect(accepted.output).toMatch(/^CVE-1 demo: not_affected until .*: we never parse$/m);
    expect(accepted.output).toMatch(/^demo: no known vulnerability, 1 excepted, in 2 pins/m);
    except({ expires: day(-2) });
    const expired = await run();
    expect(expired.success).toBe(false);
    expect(expired.output).toMatch(/^CVE-1 demo: its exception has expired on /m);
    for (const more of [{ version: '0.9' }, { reqsets: ['elsewhere'] }, { pin: 'other' }, { id: 'CVE-2' }]) {
      except({ expires: day(1), ...more });
      expect((await run()).success).toBe(false);
    }
  });

  test('refuses exceptions without a reason, an expiry or a justification', async () => {
    except({ reason: '', justification: undefined, expires: 'never' });
    const { success, errors } = await run();
    expect(success).toBe(false);
    expect(errors).toContain('[PINPACK_EXCEPTIONS_INVALID]');
    expect(errors).toContain('exceptions[0].reason');
    expect(errors).toContain('exceptions[0].expires');
    except({ justification: undefined, expires: '2099-01-01' });
    expect((await run()).errors).toContain('exceptions[0].justification is missing');
  });
});

describe('audit of an index with a JSON API', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const known = {
        '/root/pypi/demo/1.0/json': {
          vulnerabilities: [{ id: 'PYSEC-1', aliases: ['CVE-1'], fixed_in: ['1.1'], link: null }],
        },
        '/root/pypi/other/1.0/json': { vulnerabilities: [] },
      }[request.url ?? ''];
      response.writeHead(known === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(known ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('UV_DEFAULT_INDEX', `http://127.0.0.1:${(server.address() as AddressInfo).port}/root/simple`);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    server.close();
  });

  test('reports what it lists, and which pins it does not know', async () => {
    const root = await writeBuiltWorkspace([DEMO, OTHER, { name: 'third', version: '1.0' }]);
    const { success, output, errors } = await runExecutor(audit, { reqset: 'demo' }, { root, plugin: {} });
    expect(success).toBe(false);
    expect(output).toMatch(/^unknown +demo 1\.0 +CVE-1 PYSEC-1 +1\.1$/m);
    expect(output).toContain('in 3 pins (the index, for 2 of 3 pins)');
    expect(errors).toContain('warning: the index says nothing about vulnerabilities of third');
  });

  test('is an error if it knows none: nothing was audited', async () => {
    const root = await writeBuiltWorkspace([{ name: 'third', version: '1.0' }]);
    const { success, errors } = await runExecutor(audit, { reqset: 'demo' }, { root, plugin: {} });
    expect(success).toBe(false);
    expect(errors).toContain('PINPACK_OSV_UNREADABLE');
  });
});
