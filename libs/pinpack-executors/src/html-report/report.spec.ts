/** `report --html`: the data of its page, for a workspace, a reqset and a publication. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import publish from '../executors/publish/executor.js';
import report, { type ReportOptions } from '../executors/report/executor.js';
import { runExecutor, writeBuiltWorkspace } from '../publishing/built-workspace.fixture.js';
import type { PageData } from './page-data.js';

const PINS = [
  {
    name: 'demo',
    version: '1.0',
    dependencies: ['other'],
    metadata: [
      'Summary: A demo </script><script>alert(1)</script>',
      'License-Expression: MIT',
      'Project-URL: Changelog, https://example.com/demo/changes',
      'Project-URL: Homepage, javascript:alert(1)',
    ],
  },
  { name: 'other', version: '2.0', metadata: ['License-Expression: GPL-3.0-only'] },
];

function dataOf(html: string): PageData {
  const [, json = ''] = /<script id="data" type="application\/json">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(json) as PageData;
}

describe('report --html', () => {
  let root: string;
  let to: string;
  let server: Server;
  let index: string;
  const run = async (options: Partial<ReportOptions> = {}) => {
    const plugin = {
      publish: { to: `file://${to}` },
      audit: { osv: 'osv' },
      licenses: { allow: ['MIT'] },
    };
    const all = { reqset: 'demo', html: true, ...options };
    const result = await runExecutor(report, all, { root, plugin });
    return { ...result, plugin };
  };
  const page = async (options: Partial<ReportOptions> = {}) => {
    const output = join(temporaryFolder(), 'page.html');
    expect(await run({ ...options, output })).toMatchObject({ success: true });
    const html = readFileSync(output, 'utf8');
    return { html, data: dataOf(html), set: dataOf(html).sets[0] };
  };

  beforeAll(async () => {
    // It has one file of `other`, and no other project.
    const files = [
      { filename: 'other-2.0-py3-none-any.whl', url: 'x', hashes: {}, 'upload-time': '2026-01-02T03:04:05Z' },
    ];
    server = createServer(({ url }, response) => {
      response.writeHead(url === '/simple/other/' ? 200 : 404, {
        'content-type': 'application/vnd.pypi.simple.v1+json',
      });
      response.end(JSON.stringify({ meta: { 'api-version': '1.1' }, name: 'other', files }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    index = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`;
    vi.stubEnv('UV_DEFAULT_INDEX', index);
    vi.stubEnv('PINPACK_STORE_MODE', 'off');
    root = await writeBuiltWorkspace(PINS, 'seed');
    to = temporaryFolder();
    mkdirSync(join(root, 'osv'));
    writeFileSync(
      join(root, 'osv/1.json'),
      JSON.stringify({
        id: 'GHSA-1',
        aliases: ['CVE-1'],
        affected: [{ package: { ecosystem: 'PyPI', name: 'other' }, versions: ['2.0'] }],
        database_specific: { severity: 'HIGH' },
      }),
    );
    const { errors } = await runExecutor(
      publish,
      { reqset: 'demo' },
      { root, plugin: { publish: { to: `file://${to}` } } },
    );
    expect(errors).toBe('');
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    server.close();
  });

  test('has the pins of a reqset, with what the wheels, the policy, the audit and the publication say', async () => {
    const { set, html } = await page();
    expect(set?.pins).toMatchObject([
      {
        ...{ name: 'demo', version: '1.0', origin: 'wheel' },
        license: { text: 'MIT', isExpression: true },
        links: [{ title: 'Changelog', href: 'https://example.com/demo/changes' }],
        installed: expect.any(Number) as number,
        rpm: expect.any(Number) as number,
      },
      {
        name: 'other',
        license: { text: 'GPL-3.0-only', problem: 'GPL-3.0-only is not allowed' },
      },
    ]);
    expect(set?.vulnerabilities).toMatchObject([{ pin: 1, id: 'CVE-1', severity: 'high' }]);
    expect(set?.changes?.pins).toEqual([]);
    expect(set?.roots.map(({ text }) => text)).toEqual([
      'reqsets/demo/requirements.txt:1: demo==1.0',
      'reqsets/demo/requirements.txt:2: other==2.0',
    ]);
    // Its own two elements and the data.
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain('javascript:alert');
  });

  test('explains each source that is missing', async () => {
    vi.stubEnv('UV_DEFAULT_INDEX', 'http://127.0.0.1:9/simple');
    const { set } = await page();
    vi.stubEnv('UV_DEFAULT_INDEX', index);
    const missing = set?.sources.filter(({ isMissing }) => isMissing) ?? [];
    expect(missing.map(({ name }) => name)).toEqual(['index', 'runs']);
    expect(missing[0]?.text).toContain('[DIST_INDEX_UNREACHABLE]');
    const offline = await page({ offline: true });
    expect(offline.set?.sources.filter(({ text }) => text === 'not read: --offline').map(({ name }) => name)).toEqual([
      'index',
      'publication',
    ]);
    expect(offline.set?.vulnerabilities).toHaveLength(1);
  });

  test('of a publication needs no lock, and compares it with the one before', async () => {
    const other = await writeBuiltWorkspace([{ ...PINS[0], name: 'demo', version: '1.1', dependencies: [] }], 'next');
    const plugin = { publish: { to: `file://${to}` } };
    expect(await runExecutor(publish, { reqset: 'demo' }, { root: other, plugin })).toMatchObject({ success: true });
    const [first = ''] = readdirSync(join(to, 'demo/releases')).sort();
    const { data, set } = await page({ publication: 'latest', offline: true });
    expect(data.title).toMatch(/^Publication .* of demo$/);
    expect(set?.publication).toMatchObject({ isLatest: true });
    expect(set?.pins).toMatchObject([
      {
        name: 'demo',
        version: '1.1',
        license: { text: 'MIT' },
        download: expect.any(Number) as number,
        rpm: expect.any(Number) as number,
      },
    ]);
    expect(set?.changes).toMatchObject({
      since: { id: first },
      pins: [
        { name: 'demo', before: '1.0', after: '1.1' },
        { name: 'other', before: '2.0' },
      ],
    });
    // The audit is of the pins of the publication.
    expect(set?.vulnerabilities).toEqual([]);
    expect((await page({ publication: first, offline: true })).set?.vulnerabilities).toHaveLength(1);
    // The lock is older than the latest publication.
    expect((await page()).set?.changes?.pins[0]).toMatchObject({ notes: ['older: hosts need dnf distro-sync'] });
    expect((await run({ publication: '20260101T000000Z-0123456789ab' })).errors).toContain('[PINPACK_RELEASE_UNKNOWN]');
  });

  test('of the workspace has all sets; options that exclude each other are refused', async () => {
    const output = join(temporaryFolder(), 'page.html');
    const plugin = {};
    const whole = await runExecutor(report, { html: true, offline: true, output }, { root, plugin });
    expect(whole.success).toBe(true);
    expect(dataOf(readFileSync(output, 'utf8'))).toMatchObject({
      title: expect.stringMatching(/^Workspace /) as string,
      sets: [{ label: 'demo' }],
    });
    for (const options of [
      { json: true },
      { html: false, offline: true },
      { reqset: undefined, publication: 'latest' },
    ])
      expect((await run(options as Partial<ReportOptions>)).errors).toContain('[PINPACK_OPTIONS_INVALID]');
  });
});
