import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { samplePackage } from '@pinpack/rpm-packaging/testing';
import { temporaryFolder } from '@pinpack/testing';
import type { Finding } from '../../doctor/diagnosis.js';
import { parseSystemTable, readSystemTable } from '../../doctor/system-table.js';
import { runExecutor } from '../../publishing/built-workspace.fixture.js';
import { writeWorkspace } from '../../workspace/workspace.fixture.js';
import doctor from './executor.js';

const SDIST = { name: 'built-1.0.tar.gz', size: 1, sha256: 'ab'.repeat(32) };
const RECIPE = { requires: [], environment: {}, configSettings: {}, system: ['program:no-such-program'], patches: [] };

describe('doctor, on a machine without programs', () => {
  let server: Server;
  let root: string;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      const file = { filename: 'six-1.0-py3-none-any.whl', url: '/x', hashes: { sha256: 'ab'.repeat(32) } };
      response.writeHead(200, {
        'content-type': 'application/vnd.pypi.simple.v1+json',
        date: new Date(Date.now() - 3_600_000).toUTCString(),
      });
      response.end(JSON.stringify({ files: [{ ...file, 'core-metadata': true }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bin = join(temporaryFolder(), 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'rpm'), '#!/bin/sh\n');
    chmodSync(join(bin, 'rpm'), 0o755);
    vi.stubEnv('PATH', bin);
    // No Python of pyenv or uv.
    vi.stubEnv('PYENV_ROOT', bin);
    vi.stubEnv('UV_PYTHON_INSTALL_DIR', bin);
    vi.stubEnv('UV_DEFAULT_INDEX', `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`);
    vi.stubEnv('PINPACK_STORE_MODE', 'off');
    root = await writeWorkspace('demo', [
      samplePackage({ name: 'six', version: '1.0' }),
      samplePackage({
        name: 'built',
        version: '1.0',
        source: { kind: 'sdist', sdist: SDIST, buildRequires: [], recipe: RECIPE },
      }),
    ]);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    server.close();
  });

  test('fails for what the locks need, and warns of the rest, with the packages of four families', async () => {
    const { success, output, errors } = await runExecutor(doctor, { json: true }, { root, plugin: {} });
    expect(success).toBe(false);
    expect(errors).toContain('[PINPACK_DOCTOR]');
    const findings = new Map((JSON.parse(output) as Finding[]).map((one) => [one.id, one]));
    const status = (id: string) => findings.get(id)?.status;
    expect(status('node')).toBe('ok');
    expect(['nx', 'uv', 'python-3.11', 'system-c++', 'build-built', 'clock'].map(status)).toEqual(
      Array(6).fill('fail'),
    );
    expect(['system-dnf', 'system-applydeltarpm', 'index', 'key', 'publication'].map(status)).toEqual(
      Array(5).fill('warn'),
    );
    expect(status('system-rpm')).toBe('ok');
    expect(findings.get('system-c++')).toEqual({
      id: 'system-c++',
      status: 'fail',
      text: 'c++ is not installed: builds from source of demo need it',
      packages: { debian: 'g++', fedora: 'gcc-c++', rhel: 'gcc-c++', suse: 'gcc-c++' },
    });
    expect(findings.get('index')?.text).toMatch(/metadata files \(PEP 658\), no upload times \(PEP 700\)/);
    expect(findings.get('clock')?.text).toMatch(/clock: 36\d\d s ahead of the index/);
    expect([...findings.keys()]).not.toContain('system-podman');
  });

  test('reports a damaged lock, and checks the rest', async () => {
    const damaged = await writeWorkspace('demo', [samplePackage()]);
    writeFileSync(join(damaged, 'reqsets/demo/pylock.toml'), 'lock-version = 1\n');
    const { output } = await runExecutor(doctor, {}, { root: damaged, plugin: {} });
    expect(output).toMatch(/^fail {2}reqsets\/demo\/pylock\.toml: .*DIST_LOCK_INVALID/m);
    expect(output).toMatch(/^ok {4}Node /m);
  });

  test('prints a line for each check', async () => {
    const { output } = await runExecutor(doctor, {}, { root, plugin: {} });
    expect(output).toMatch(
      /^fail {2}c\+\+ is not installed: .*\n {6}Debian: g\+\+, Fedora: gcc-c\+\+, RHEL: gcc-c\+\+, SUSE: gcc-c\+\+$/m,
    );
    expect(output).toMatch(/^\d+ checks: \d+ failed, \d+ warnings$/m);
  });
});

describe('the table of system packages', () => {
  test('has each need once, with a package for each family', () => {
    const needs = readSystemTable().map(({ need }) => need);
    expect(new Set(needs).size).toBe(needs.length);
    expect(needs).toContain('bwrap');
  });

  test.each(['bwrap build a b c', 'bwrap other a b c d', 'bwrap build a b c d e'])('refuses %j', (line) => {
    expect(() => parseSystemTable(line)).toThrow(`system-requirements.txt: ${line}`);
  });
});
