/** Writes images for specs, built in code. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Descriptor, ImageConfig, RunConfig } from './image.js';
import type { LayerEntry } from './layer.js';
import { makeLayer } from './make-layer.js';
import type { LayerCompression } from './media-types.js';

export function file(path: string, text: string, more: Partial<LayerEntry> = {}): LayerEntry {
  return { path, kind: 'file', mode: 0o644, mtime: 0, data: Buffer.from(text), ...more };
}

export function folder(path: string): LayerEntry {
  return { path, kind: 'directory', mode: 0o755, mtime: 0 };
}

export function link(path: string, target: string): LayerEntry {
  return { path, kind: 'symlink', mode: 0o777, mtime: 0, target };
}

export interface SampleBase {
  compression?: LayerCompression;
  run?: RunConfig;
  architecture?: string;
  reference?: string;
}

/** Writes an image layout with these layers, as another tool would have made it. */
export async function writeBase(path: string, layers: LayerEntry[][], sample: SampleBase = {}): Promise<void> {
  const { compression = 'gzip', run = {}, architecture = 'amd64', reference = 'base' } = sample;
  const put = (mediaType: string, data: Buffer): Descriptor => {
    const hex = createHash('sha256').update(data).digest('hex');
    mkdirSync(join(path, 'blobs/sha256'), { recursive: true });
    writeFileSync(join(path, 'blobs/sha256', hex), data);
    return { mediaType, digest: `sha256:${hex}`, size: data.length };
  };
  const json = (kind: string, value: unknown): Descriptor =>
    put(`application/vnd.oci.image.${kind}.v1+json`, Buffer.from(JSON.stringify(value)));
  const made = await Promise.all(layers.map((entries) => makeLayer(entries, compression)));
  const descriptors = made.map(({ chunks, descriptor }) => put(descriptor.mediaType, Buffer.concat(chunks)));
  const rootfs = { type: 'layers' as const, diff_ids: made.map(({ diffId }) => diffId) };
  const config: ImageConfig = { architecture, os: 'linux', config: run, rootfs };
  const manifest = json('manifest', { schemaVersion: 2, config: json('config', config), layers: descriptors });
  const annotations = { 'org.opencontainers.image.ref.name': reference };
  writeFileSync(join(path, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(
    join(path, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
}
