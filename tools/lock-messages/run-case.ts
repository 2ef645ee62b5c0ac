// Runs `lock` on the input of a case, in a workspace and with an index of its own, and formats what it prints.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import lock from '../../libs/pinpack-executors/src/executors/lock/executor.js';
import { IndexServer } from '../../libs/python-dist/src/resolve/index-server.fixture.js';
import type { MessageCase } from './cases.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CaseOutput {
  success: boolean;
  /** What the terminal shows, without Nx's own lines. */
  text: string;
}

export async function runCase(given: MessageCase): Promise<CaseOutput> {
  const root = mkdtempSync(join(tmpdir(), 'pinpack-messages-'));
  const index = await startIndex(given);
  try {
    writeWorkspace(root, given);
    for (const [name, value] of Object.entries(environmentOf(root, index.url, given))) vi.stubEnv(name, value);
    const lines: string[] = [];
    for (const level of ['log', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((line: string) => {
        lines.push(line);
      });
    }
    const nxJson = given.files?.['nx.json'] ?? '{}';
    const context = { root, nxJsonConfiguration: JSON.parse(String(nxJson)) as object };
    // The plugin passes on --exclude-newer as a variable.
    const { excludeNewer, ...options } = given.options ?? {};
    if (excludeNewer !== undefined) vi.stubEnv('PINPACK_EXCLUDE_NEWER', String(excludeNewer));
    const { success } = await lock({ reqset: 'demo', ...options }, context as never);
    const text = lines
      .join('\n')
      .replaceAll(new URL(index.url).origin, 'https://index.example')
      .replaceAll(otherOrigin(index.url), 'https://internal.example')
      .replaceAll(`${root}/`, '')
      .replaceAll(/after \d+ ms/g, 'after 0 ms');
    return { success, text };
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    index.stop();
    rmSync(root, { recursive: true });
  }
}

function writeWorkspace(root: string, { requirements, files = {}, hasNoUv = false }: MessageCase): void {
  const own = requirements === undefined ? {} : { 'reqsets/demo/requirements.txt': requirements };
  for (const [path, content] of Object.entries({
    'reqsets/demo/reqset.json': '{"python": "3.11.2"}',
    ...own,
    ...files,
  })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  mkdirSync(join(root, 'apps'), { recursive: true });
  if (!hasNoUv) symlinkSync(join(ROOT, '.venv'), join(root, '.venv'));
}

/** No settings or caches of this machine. */
function environmentOf(
  root: string,
  url: string,
  { environment = {} }: MessageCase,
): Record<string, string | undefined> {
  const proxies = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];
  const indexes = ['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'PIP_FIND_LINKS', 'UV_INDEX', 'UV_INDEX_URL'];
  const own = Object.entries(environment).map(([name, value]) => [
    name,
    value.replace('index.example', otherOrigin(url)),
  ]);
  return {
    ...Object.fromEntries(
      [...proxies, ...indexes, 'PINPACK_EXCLUDE_NEWER', 'PINPACK_STALE_LOCK'].map((name) => [name, undefined]),
    ),
    UV_DEFAULT_INDEX: url,
    UV_CACHE_DIR: join(root, 'uv'),
    XDG_CACHE_HOME: join(root, 'caches'),
    XDG_CONFIG_HOME: join(root, 'config'),
    PIP_CONFIG_FILE: '/dev/null',
    NETRC: '/dev/null',
    HOME: root,
    ...Object.fromEntries(own as [string, string][]),
  };
}

interface RunningIndex {
  url: string;
  stop: () => void;
}

async function startIndex({ wheels = [], sdists = {}, answer }: MessageCase): Promise<RunningIndex> {
  if (answer === undefined) {
    const offered = wheels.map((wheel) => (typeof wheel === 'string' ? { fileName: wheel } : wheel));
    return IndexServer.start(offered, sdists);
  }
  const server = createServer((_, response) => {
    if (answer === 'silence') return;
    const { status, text } = { status: 200, text: '', ...answer };
    response.writeHead(status, { 'content-type': 'application/vnd.pypi.simple.v1+json' }).end(text);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${portOf(server)}/simple`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The same server by another name. */
function otherOrigin(url: string): string {
  return `http://localhost:${new URL(url).port}`;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
