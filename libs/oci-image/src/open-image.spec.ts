import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { file, writeBase } from './image.fixture.js';
import { parseLocation } from './location.js';
import { openImage, readIdentity } from './open-image.js';
import { run, temporaryFolder } from '@pinpack/testing';

const temporary = temporaryFolder();
const layout = join(temporary, 'layout');
const archive = join(temporary, 'archive.tar');

beforeAll(async () => {
  await writeBase(layout, [[file('etc/os', 'x')]]);
  run('tar', ['-cf', archive, '-C', layout, '.']);
});

describe('openImage', () => {
  test('reads a folder and an archive in the same way', async () => {
    const [one, two] = await Promise.all([layout, archive].map((path) => openImage(parseLocation(path), 'amd64')));
    expect(one?.manifest.layers).toHaveLength(1);
    expect(two?.descriptor).toEqual(one?.descriptor);
    expect(two?.config).toEqual(one?.config);
    expect(await readIdentity(parseLocation(`oci-archive:${archive}:base`))).toBe(one?.descriptor.digest);
  });

  test('refuses another architecture, another name, and what is no layout', async () => {
    await expect(openImage(parseLocation(layout), 'arm64')).rejects.toThrow(
      'it is for linux/amd64, expected linux/arm64',
    );
    await expect(openImage(parseLocation(`${layout}:other`), undefined)).rejects.toThrow(
      /no image in it is called other\n {2}there are: base/,
    );
    await expect(openImage(parseLocation(temporary), undefined)).rejects.toThrow(
      /index\.json is not there\n.*skopeo copy/,
    );
    await expect(openImage(parseLocation(`${temporary}/none.tar`), undefined)).rejects.toMatchObject({
      code: 'OCI_NOT_FOUND',
    });
    writeFileSync(join(temporary, 'text.tar'), 'x'.repeat(2000));
    await expect(openImage(parseLocation(`${temporary}/text.tar`), undefined)).rejects.toMatchObject({
      code: 'OCI_DAMAGED',
    });
  });

  test('takes the manifest of its architecture out of an index of several', async () => {
    const path = join(temporary, 'several');
    await writeBase(path, [[file('a', 'amd64')]]);
    const indexOf = (): { manifests: object[] } => JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')) as never;
    const amd64 = { ...indexOf().manifests[0], platform: { os: 'linux', architecture: 'amd64' } };
    await writeBase(path, [[file('a', 'arm64')]], { architecture: 'arm64' });
    const arm64 = { ...indexOf().manifests[0], platform: { os: 'linux', architecture: 'arm64' } };
    const inner = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [amd64, arm64] }));
    const inside = join(path, 'inner');
    writeFileSync(inside, inner);
    const hex = run('sha256sum', [inside]).split(' ')[0] ?? '';
    writeFileSync(join(path, 'blobs/sha256', hex), inner);
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const manifests = [{ mediaType, digest: `sha256:${hex}`, size: inner.length }];
    writeFileSync(join(path, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
    expect((await openImage(parseLocation(path), 'arm64')).config.architecture).toBe('arm64');
    await expect(openImage(parseLocation(path), 's390x')).rejects.toThrow('linux/amd64, linux/arm64');
  });

  test('finds each flipped byte of each blob', async () => {
    const path = join(temporary, 'damaged');
    await writeBase(path, [[file('a', 'content')]]);
    for (const name of readdirSync(join(path, 'blobs/sha256'))) {
      const blob = join(path, 'blobs/sha256', name);
      const data = readFileSync(blob);
      const flipped = Buffer.from(data);
      flipped[data.length >> 1] = (data[data.length >> 1] ?? 0) ^ 1;
      writeFileSync(blob, flipped);
      const read = async (): Promise<void> => {
        const { stream, manifest } = await openImage(parseLocation(path), undefined);
        for (const layer of manifest.layers) await (await stream(layer)).toArray();
      };
      await expect(read()).rejects.toMatchObject({ code: 'OCI_DAMAGED' });
      writeFileSync(blob, data);
    }
  });

  test('reports everything that is wrong with a document', async () => {
    const path = join(temporary, 'wrong');
    mkdirSync(path);
    writeFileSync(join(path, 'index.json'), '{"manifests":[{"digest":"md5:1","size":-1}]}');
    await expect(openImage(parseLocation(path), undefined)).rejects.toThrow(
      /schemaVersion is undefined, expected 2\n.*mediaType is no text\n.*digest is no sha256 digest\n.*size is no size/,
    );
  });
});

describe('parseLocation', () => {
  test.each([
    ['oci:images/base:3.11', { kind: 'folder', path: 'images/base', reference: '3.11' }],
    ['oci-archive:/srv/base.tar', { kind: 'archive', path: '/srv/base.tar' }],
    ['base.tar', { kind: 'archive', path: 'base.tar' }],
    ['images/base', { kind: 'folder', path: 'images/base' }],
  ])('%s', (text, expected) => {
    expect(parseLocation(text)).toEqual(expected);
  });

  test.each(['', 'docker://registry.example/x', 'oci:', 'two words'])('refuses %j', (text) => {
    expect(() => parseLocation(text)).toThrow('it names no image');
  });
});
