import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeArchive, type ArchivedImage } from './archive.js';
import { file, writeBase } from './image.fixture.js';
import { parseLocation } from './location.js';
import { makeLayer } from './make-layer.js';
import { openImage } from './open-image.js';
import { planImage } from './plan-image.js';
import { describeWith, run, temporaryFolder } from '@pinpack/testing';

const temporary = temporaryFolder();
const layout = join(temporary, 'base');

async function planSample(): Promise<ArchivedImage> {
  await writeBase(layout, [[file('etc/os', 'x')]], {
    run: { Env: ['A=1'], Cmd: ['/bin/sh'], Labels: { from: 'base' } },
  });
  const base = await openImage(parseLocation(layout), undefined);
  const layer = await makeLayer([file('usr/a', 'content')], 'gzip');
  const { config, manifest } = planImage({
    base,
    layers: [{ ...layer, createdBy: 'pinpack: a.rpm' }],
    run: { Entrypoint: ['/usr/a'], Cmd: [], Env: ['A=2'] },
    annotations: { b: '2', a: '1' },
    created: 315_532_800,
  });
  return {
    manifest,
    annotations: { 'org.opencontainers.image.ref.name': 'localhost/sample:1' },
    blobs: [
      { descriptor: config.descriptor, open: () => [config.data] },
      { descriptor: layer.descriptor, open: () => layer.chunks },
      ...base.manifest.layers.map((descriptor) => ({ descriptor, open: () => base.stream(descriptor) })),
    ],
    mtime: 315_532_800,
  };
}

async function archiveOf(image: ArchivedImage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of encodeArchive(image)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('planImage', () => {
  test('puts layers, history and settings onto those of the base', async () => {
    const { blobs } = await planSample();
    const [config] = blobs;
    const data = Buffer.concat([...((config?.open() ?? []) as Iterable<Uint8Array>)]);
    expect(JSON.parse(data.toString())).toMatchObject({
      created: '1980-01-01T00:00:00Z',
      architecture: 'amd64',
      config: { Env: ['A=2'], Entrypoint: ['/usr/a'], Cmd: [], Labels: { from: 'base' } },
      rootfs: { diff_ids: [expect.any(String), expect.any(String)] },
      history: [
        { comment: 'of the base image', created: '1980-01-01T00:00:00Z' },
        { created: '1980-01-01T00:00:00Z', created_by: 'pinpack: a.rpm' },
      ],
    });
  });

  test('twice is the same archive', async () => {
    const [one, two] = [await archiveOf(await planSample()), await archiveOf(await planSample())];
    expect(one.equals(two)).toBe(true);
  });
});

describeWith(['skopeo', 'umoci'], 'skopeo', () => {
  test('inspects the archive, copies it, and umoci unpacks the copy', async () => {
    const path = join(temporary, 'image.tar');
    const image = await planSample();
    writeFileSync(path, await archiveOf(image));
    const raw = run('skopeo', ['inspect', '--raw', `oci-archive:${path}`]);
    expect(raw).toBe(image.manifest.data.toString());
    expect(JSON.parse(raw)).toMatchObject({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      annotations: { a: '1', b: '2' },
    });
    expect(JSON.parse(run('skopeo', ['inspect', `oci-archive:${path}`]))).toMatchObject({
      Os: 'linux',
      Architecture: 'amd64',
      Env: ['A=2'],
    });
    const copy = join(temporary, 'copy');
    run('skopeo', ['copy', '--insecure-policy', `oci-archive:${path}`, `oci:${copy}:sample`]);
    run('umoci', ['unpack', '--rootless', '--image', `${copy}:sample`, join(temporary, 'bundle')]);
    expect(
      run(
        'cat',
        ['usr/a', 'etc/os'].map((name) => join(temporary, 'bundle/rootfs', name)),
      ),
    ).toBe('contentx');
    expect(run('umoci', ['stat', '--image', `${copy}:sample`])).toContain('pinpack: a.rpm');
  });
});
