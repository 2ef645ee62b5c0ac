/** A package index on loopback with generated wheels, for uv and the index client. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseSdistFileName } from '../names/sdist-file-name.js';
import { parseWheelFileName } from '../names/wheel-file-name.js';
import { encodeWheel } from '../wheel/wheel.fixture.js';

export interface Offered {
  fileName: string;
  requires?: string[];
  /** Whether the index serves METADATA separately (PEP 658). Default true. */
  metadata?: boolean;
  /** Upload time (PEP 700, RFC 3339). */
  uploaded?: string;
  /** The number of entries that the wheel's zip declares, if it is another. */
  declaredCount?: number;
  /** Whether the wheel is yanked, or the reason (PEP 592). */
  yanked?: boolean | string;
  /** Additional files of the wheel: text by name. */
  files?: Record<string, string>;
}

/** A wheel's METADATA. */
function metadataOf({ fileName, requires = [] }: Offered): string {
  const { name, version } = parseWheelFileName(fileName);
  const extras = new Set(requires.flatMap((line) => /extra == "([^"]+)"/.exec(line)?.[1] ?? []));
  return [
    ...['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`],
    ...[...extras].map((extra) => `Provides-Extra: ${extra}`),
    ...requires.map((line) => `Requires-Dist: ${line}`),
    '',
  ].join('\n');
}

export class IndexServer {
  private constructor(
    private readonly server: Server,
    readonly url: string,
    /** Requested paths. */
    readonly asked: string[],
  ) {}

  /** @param sources - sdists by file name */
  static async start(offered: Offered[], sources: Record<string, Buffer> = {}): Promise<IndexServer> {
    const asked: string[] = [];
    const files = new Map(offered.map((wheel) => [wheel.fileName, { wheel, bytes: wheelBytes(wheel) }]));
    const server = createServer(({ url = '' }, response) => {
      asked.push(url);
      const [, folder, name = ''] = url.split('/');
      const file = files.get(decodeURIComponent(name).replace(/\.metadata$/, ''));
      const found =
        folder === 'simple'
          ? page(name, offered, sources)
          : url.endsWith('.metadata')
            ? file && metadataOf(file.wheel)
            : (file?.bytes ?? sources[decodeURIComponent(name)]);
      response.writeHead(found === undefined ? 404 : 200, {
        'content-type': folder === 'simple' ? 'application/vnd.pypi.simple.v1+json' : 'application/octet-stream',
      });
      response.end(found);
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new IndexServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`, asked);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

export function wheelBytes(offered: Offered): Buffer {
  const [name = '', version = ''] = offered.fileName.split('-');
  const tags = offered.fileName
    .replace(/\.whl$/, '')
    .split('-')
    .slice(-3)
    .join('-');
  const pure = offered.fileName.includes('none-any');
  return encodeWheel({
    ...offered,
    distInfo: `${name}-${version}.dist-info`,
    files: Object.entries({ [`${name}/__init__.py`]: '', ...offered.files }).map(([file, data]) => ({
      name: file,
      data,
    })),
    metadata: metadataOf(offered),
    wheel: `Wheel-Version: 1.0\nRoot-Is-Purelib: ${String(pure)}\nTag: ${tags}\n`,
  });
}

function page(project: string, offered: Offered[], sources: Record<string, Buffer>): string | undefined {
  const files = offered
    .filter(({ fileName }) => parseWheelFileName(fileName).name === project)
    .map((wheel) => {
      const sha256 = createHash('sha256').update(wheelBytes(wheel)).digest('hex');
      const metadata = createHash('sha256').update(metadataOf(wheel)).digest('hex');
      return {
        filename: wheel.fileName,
        url: `../../files/${wheel.fileName}`,
        hashes: { sha256 },
        size: wheelBytes(wheel).length,
        ...(wheel.yanked !== undefined && { yanked: wheel.yanked }),
        ...(wheel.uploaded !== undefined && { 'upload-time': wheel.uploaded }),
        ...(wheel.metadata !== false && { 'core-metadata': { sha256: metadata } }),
      };
    });
  const sdists = Object.entries(sources)
    .filter(([name]) => parseSdistFileName(name)?.name === project)
    .map(([filename, bytes]) => ({
      filename,
      url: `../../files/${filename}`,
      hashes: { sha256: createHash('sha256').update(bytes).digest('hex') },
      size: bytes.length,
    }));
  const all = [...files, ...sdists];
  return all.length === 0 ? undefined : JSON.stringify({ meta: { 'api-version': '1.1' }, name: project, files: all });
}
