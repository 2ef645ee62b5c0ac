/** Every kind of build root: what identifies it, that it is made once, and that another one than the locked is refused. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readProgram } from '@pinpack/common/program';
import { temporaryFolder } from '@pinpack/testing';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openBuildRoot } from './open-build-root.js';
import type { RootSetting } from '../workspace/root-setting.js';

const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;
const hasSkopeo = await readProgram('skopeo', ['--version']).then(
  () => true,
  () => false,
);
let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
});

const open = (setting: RootSetting, locked?: string) =>
  openBuildRoot({ root: folder, setting, ...(locked !== undefined && { locked }) });

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function sha256(path: string): string {
  return createHash('sha256')
    .update(readFileSync(join(folder, path)))
    .digest('hex');
}

async function packArchive(): Promise<void> {
  const files = ['manifest.json', 'config.json', 'layer.tar'];
  await readProgram('tar', ['-cf', join(folder, 'image.tar'), '-C', folder, ...files]);
}

/** An archive as `docker save` writes it. @returns the digest of its config */
async function writeDockerArchive(text: string): Promise<string> {
  write('layer/usr/lib/text', text);
  await readProgram('tar', ['-cf', join(folder, 'layer.tar'), '-C', join(folder, 'layer'), 'usr']);
  const config = {
    ...{ architecture: ARCHITECTURE, os: 'linux', config: { Env: ['PATH=/opt/tools/bin:/usr/bin', 'LANG=C'] } },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256('layer.tar')}`] },
  };
  write('config.json', JSON.stringify(config));
  write('manifest.json', JSON.stringify([{ Config: 'config.json', RepoTags: ['base:1'], Layers: ['layer.tar'] }]));
  await packArchive();
  return `sha256:${sha256('config.json')}`;
}

describe('an image', () => {
  it('of docker save is identified by its config, and unpacked once with its variables', async () => {
    const digest = await writeDockerArchive('first');
    const root = await open('docker-archive:image.tar');
    expect(root).toMatchObject({ digest, environment: { PATH: '/opt/tools/bin:/usr/bin', LANG: 'C' } });
    expect(readFileSync(join(root.folder, 'usr/lib/text'), 'utf8')).toBe('first');
    writeFileSync(join(root.folder, 'kept'), '');
    expect(existsSync(join((await open('image.tar')).folder, 'kept'))).toBe(true);
  });

  it('that differs from the locked one is refused', async () => {
    const locked = await writeDockerArchive('first');
    const changed = await writeDockerArchive('second');
    const error: unknown = await open('image.tar', locked).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'PINPACK_BUILD_ROOT_CHANGED' });
    expect(String(error)).toContain(`the root is ${changed}, expected the locked ${locked}`);
  });

  it('whose layer was changed is refused', async () => {
    await writeDockerArchive('first');
    write('layer.tar', readFileSync(join(folder, 'layer.tar'), 'latin1').replace('first', 'other'));
    await packArchive();
    await expect(open('image.tar')).rejects.toThrow(/its layer layer\.tar is sha256:/);
  });

  it.skipIf(!hasSkopeo)(
    'in a layout or an archive is identified by its manifest (skipped without skopeo)',
    async () => {
      await writeDockerArchive('first');
      const copy = (target: string): Promise<string> =>
        readProgram('skopeo', ['copy', '--insecure-policy', `docker-archive:${join(folder, 'image.tar')}`, target]);
      await copy(`oci:${join(folder, 'layout')}:base`);
      await copy(`oci-archive:${join(folder, 'archive.tar')}:base`);
      const { manifests } = JSON.parse(readFileSync(join(folder, 'layout/index.json'), 'utf8')) as {
        manifests: [{ digest: string }];
      };
      for (const setting of ['oci:layout:base', 'layout', 'oci-archive:archive.tar', 'archive.tar'])
        expect((await open(setting)).digest).toBe(manifests[0].digest);
    },
  );

  it.skipIf(!hasSkopeo)('of a registry is locked to the digest of its tag (skipped without skopeo)', async () => {
    await writeDockerArchive('first');
    const layout = join(folder, 'layout');
    await readProgram('skopeo', [
      'copy',
      '--insecure-policy',
      `docker-archive:${join(folder, 'image.tar')}`,
      `oci:${layout}:base`,
    ]);
    const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
      manifests: [{ digest: string }];
    };
    const { digest } = manifests[0];
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const [, kind = '', name = ''] = /^\/v2\/team\/base\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
      if (kind === '') return void response.end('{}');
      asked.push(name);
      const own = name === '1' ? digest : name;
      const type = kind === 'blobs' ? 'application/octet-stream' : 'application/vnd.oci.image.manifest.v1+json';
      const data = readFileSync(join(layout, 'blobs', own.replace(':', '/')));
      response.writeHead(200, { 'content-type': type, 'content-length': data.length, 'docker-content-digest': own });
      response.end(request.method === 'HEAD' ? undefined : data);
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    write('.config/containers/registries.conf', `[[registry]]\nlocation = "${host}"\ninsecure = true\n`);
    vi.stubEnv('HOME', folder);
    const root = await open(`docker://${host}/team/base:1`);
    expect(root).toMatchObject({ digest, environment: { LANG: 'C' } });
    expect(readFileSync(join(root.folder, 'usr/lib/text'), 'utf8')).toBe('first');
    asked.length = 0;
    await open(`docker://${host}/team/base:1`, digest);
    expect(asked).toEqual([]);
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'other-cache'));
    await open(`docker://${host}/team/base:1`, digest);
    expect(asked).not.toContain('1');
  });
});

describe('a folder', () => {
  it('is identified by what a build sees of it, without bytecode', async () => {
    write('root/usr/lib/a.py', 'a = 1\n');
    const first = await open('root');
    expect(first).toMatchObject({ folder: join(folder, 'root'), environment: {} });
    write('root/usr/lib/__pycache__/a.cpython-311.pyc', 'bytecode');
    write('root/home/user/file', 'not seen');
    expect((await open('root')).digest).toBe(first.digest);
    chmodSync(join(folder, 'root/usr/lib/a.py'), 0o755);
    const second = await open('root');
    expect(second.digest).not.toBe(first.digest);
    await expect(open('root', first.digest)).rejects.toMatchObject({ code: 'PINPACK_BUILD_ROOT_CHANGED' });
  });

  it('that does not exist is reported', async () => {
    await expect(open('rot')).rejects.toMatchObject({ code: 'PINPACK_BUILD_ROOT_MISSING' });
  });
});

const isRoot = process.getuid?.() === 0;

describe.skipIf(!isRoot)('a recipe (skipped without root)', () => {
  const recipe = { debootstrap: { suite: 'old', mirror: 'https://mirror.example/debian', packages: ['gcc'] } };

  /** A debootstrap that makes a root with one package of this version. */
  function fakeDebootstrap(version: string): void {
    const status = `Package: gcc\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`;
    const script = `#!/bin/sh\necho "$@" >> ${folder}/calls\nmkdir -p "$4/usr/bin" "$4/var/lib/dpkg"\nprintf '${status.replaceAll('\n', '\\n')}' > "$4/var/lib/dpkg/status"\n`;
    write('bin/debootstrap', script);
    chmodSync(join(folder, 'bin/debootstrap'), 0o755);
    vi.stubEnv('PATH', `${join(folder, 'bin')}:${process.env.PATH ?? ''}`);
  }

  it('is made once, and identified by its packages', async () => {
    fakeDebootstrap('10.2');
    const first = await open(recipe);
    expect((await open(recipe)).digest).toBe(first.digest);
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatch(/^--variant=minbase --include=gcc old \S+ https:\/\/mirror\.example\/debian$/);
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'other-cache'));
    expect((await open(recipe, first.digest)).digest).toBe(first.digest);
    fakeDebootstrap('10.3');
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'third-cache'));
    await expect(open(recipe, first.digest)).rejects.toMatchObject({ code: 'PINPACK_BUILD_ROOT_CHANGED' });
  });

  it('reports the output of a failure, and leaves nothing', async () => {
    fakeDebootstrap('10.2');
    write('bin/debootstrap', '#!/bin/sh\necho E: no such suite\nexit 1\n');
    const error: unknown = await open(recipe).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'PINPACK_BUILD_ROOT_FAILED' });
    expect(String(error)).toContain('E: no such suite');
    expect(existsSync(join(folder, 'cache/pinpack/roots'))).toBe(true);
    expect(await readProgram('find', [join(folder, 'cache/pinpack/roots'), '-mindepth', '1'])).toBe('');
  });
});
