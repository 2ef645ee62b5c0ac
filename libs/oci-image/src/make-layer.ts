/** Makes a layer's blob and its descriptor. */
import { digest } from '@pinpack/common/digest';
import { compress } from '@pinpack/compression';
import type { Descriptor } from './image.js';
import { encodeLayer, type LayerEntry } from './layer.js';
import { layerMediaType, type LayerCompression } from './media-types.js';

/** The defaults of gzip and zstd. */
const LEVELS = { gzip: 6, zstd: 3 };

export interface MadeLayer {
  descriptor: Descriptor;
  /** Digest of the archive before compression. */
  diffId: string;
  chunks: Uint8Array[];
}

/** The whole layer is in memory, once as it is and once compressed. */
export async function makeLayer(entries: readonly LayerEntry[], compression: LayerCompression): Promise<MadeLayer> {
  const archive = [...encodeLayer(entries)];
  const chunks = await compress(archive, compression, LEVELS[compression]);
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return {
    descriptor: { mediaType: layerMediaType(compression), digest: digestOfChunks(chunks), size },
    diffId: digestOfChunks(archive),
    chunks,
  };
}

function digestOfChunks(chunks: readonly Uint8Array[]): string {
  return `sha256:${digest('sha256', ...chunks).toString('hex')}`;
}
