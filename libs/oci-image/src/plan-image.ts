/** Plans a new image on top of a base: its config and its manifest (image-spec v1.1, "Image Configuration" and "Image Manifest"). Pure. */
import { sha256Of } from '@pinpack/common/digest';
import type { Descriptor, HistoryEntry, ImageConfig, Manifest, RunConfig } from './image.js';
import { CONFIG, MANIFEST } from './media-types.js';

/** A layer as a blob, and the digest of what it is uncompressed. */
export interface Layer {
  descriptor: Descriptor;
  diffId: string;
  /** How it came to be: one line of the image's history. */
  createdBy: string;
}

export interface ImagePlan {
  base: { manifest: Manifest; config: ImageConfig };
  layers: readonly Layer[];
  /** Fields replace those of the base's run configuration. */
  run: RunConfig;
  annotations: Record<string, string>;
  /** Seconds since 1970. */
  created: number;
}

/** A document of the image, with the descriptor by which others name it. */
export interface Document {
  descriptor: Descriptor;
  data: Buffer;
}

export function planImage(plan: ImagePlan): { config: Document; manifest: Document } {
  const { base, layers, annotations } = plan;
  const config = encodeDocument(CONFIG, planConfig(plan));
  const manifest = encodeDocument(MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: config.descriptor,
    layers: [...base.manifest.layers, ...layers.map(({ descriptor }) => descriptor)],
    annotations: sortKeys({ ...base.manifest.annotations, ...annotations }),
  });
  return { config, manifest };
}

function planConfig({ base: { config, manifest }, layers, run, created }: ImagePlan): ImageConfig {
  const time = formatTime(created);
  return {
    ...config,
    created: time,
    config: { ...config.config, ...run },
    rootfs: { type: 'layers', diff_ids: [...config.rootfs.diff_ids, ...layers.map(({ diffId }) => diffId)] },
    history: [
      ...historyOf(config, manifest.layers.length, time),
      ...layers.map(({ createdBy }): HistoryEntry => ({ created: time, created_by: createdBy })),
    ],
  };
}

/** A base may come without a history; then its layers get entries that say nothing, or those of the others would be taken for theirs. */
function historyOf({ history }: ImageConfig, layers: number, created: string): HistoryEntry[] {
  const known = history ?? [];
  if (known.filter(({ empty_layer }) => empty_layer !== true).length === layers) return known;
  return Array.from({ length: layers }, () => ({ created, comment: 'of the base image' }));
}

/** RFC 3339, in whole seconds. */
export function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

export function encodeDocument(mediaType: string, value: unknown): Document {
  const data = Buffer.from(JSON.stringify(value));
  return { descriptor: { mediaType, digest: digestOf(data), size: data.length }, data };
}

export function digestOf(data: Uint8Array): string {
  return `sha256:${sha256Of(data)}`;
}

export function sortKeys<Value>(table: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
}
