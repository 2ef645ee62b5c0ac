/** A registry on the loopback that has the packages of this repository, and redirects every other request to the configured registry. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { readProgram } from '@pinpack/common/program';

export interface NpmRegistry {
  url: string;
  stop: () => Promise<void>;
}

interface Manifest {
  name: string;
  version: string;
}

/** @param archives - as `npm pack` makes them */
export async function startNpmRegistry(archives: readonly string[]): Promise<NpmRegistry> {
  const upstream = (await readProgram('npm', ['config', 'get', 'registry'])).trim().replace(/\/$/, '');
  const packages = new Map<string, { manifest: Manifest; data: Buffer }>();
  for (const archive of archives) {
    const text = await readProgram('tar', ['-xzOf', archive, 'package/package.json']);
    const manifest = JSON.parse(text) as Manifest;
    packages.set(manifest.name, { manifest, data: await readFile(archive) });
  }
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const [name = '', file] = decodeURIComponent(path.slice(1)).split('/-/');
    const found = packages.get(name);
    if (found === undefined) return void response.writeHead(307, { location: `${upstream}${path}` }).end();
    if (file !== undefined) return void response.end(found.data);
    const { port } = server.address() as AddressInfo;
    sendJson(response, describe(found, `http://127.0.0.1:${port}/${name}/-/${basename(name)}.tgz`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

function describe({ manifest, data }: { manifest: Manifest; data: Buffer }, tarball: string): object {
  const integrity = `sha512-${createHash('sha512').update(data).digest('base64')}`;
  const { name, version } = manifest;
  return {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, dist: { tarball, integrity } } },
  };
}

function sendJson(response: ServerResponse, value: object): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}
