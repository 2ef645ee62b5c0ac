// Opens the archive of `docker save` and `skopeo copy … docker-archive:FILE` (`manifest.json` beside a config and layers), whose blobs are checked by the
// digests in the config.
import type { Readable } from 'node:stream';
import { sha256Of } from '@pinpack/common/digest';
import { checkStream } from './checked-stream.js';
import type { Descriptor } from './image.js';
import { openLayout, type Layout } from './layout.js';
import type { ImageLocation } from './location.js';
import { LAYER, MANIFEST } from './media-types.js';
import { OciError } from './oci-error.js';
import { checkArchitecture, type Image } from './open-image.js';
import { parseConfig, parseDockerManifest } from './parse.js';

const JSON_LIMIT = 8 * 1024 * 1024;

/** Its identity is the digest of its config, which Docker shows as the image's ID. @throws OciError */
export async function openDockerArchive(location: ImageLocation, architecture: string | undefined): Promise<Image> {
  const subject = location.path;
  const layout = await openLayout({ ...location, kind: 'archive' });
  const images = parseDockerManifest(await layout.read('manifest.json', JSON_LIMIT), `${subject}: manifest.json`);
  const { reference } = location;
  const named = images.filter(({ RepoTags }) => reference === undefined || RepoTags?.includes(reference) === true);
  const [only] = named;
  if (only === undefined || named.length > 1) {
    const names = images.flatMap(({ RepoTags }) => RepoTags ?? []);
    throw new OciError('OCI_NOT_FOUND', subject, [
      reference === undefined ? `it holds ${images.length} images` : `no image in it is called ${reference}`,
      `there are: ${names.join(', ') || 'none with a name'}`,
    ]);
  }
  const data = await layout.read(only.Config, JSON_LIMIT);
  const config = parseConfig(data, `${subject}: ${only.Config}`);
  checkArchitecture(subject, config, architecture);
  const digests = config.rootfs.diff_ids;
  if (digests.length !== only.Layers.length) {
    const found = `its manifest has ${only.Layers.length} layers and its config ${digests.length}`;
    throw new OciError('OCI_INVALID', subject, `${found}, expected as many`);
  }
  const layers = digests.map((digest) => ({ mediaType: LAYER, digest, size: 0 }));
  const own = { mediaType: MANIFEST, digest: `sha256:${sha256Of(data)}`, size: data.length };
  const stream = ({ digest }: Descriptor): Promise<Readable> =>
    streamLayer(layout, subject, { name: only.Layers[digests.indexOf(digest)] ?? '', digest });
  return { subject, descriptor: own, manifest: { config: own, layers }, config, stream };
}

async function streamLayer(
  layout: Layout,
  subject: string,
  { name, digest }: { name: string; digest: string },
): Promise<Readable> {
  return checkStream(await layout.stream(name), (found) => {
    if (found.digest === digest) return undefined;
    const lines = [`its layer ${name} is ${found.digest}`, `expected ${digest}`, 'Copy the image again.'] as const;
    return new OciError('OCI_DAMAGED', subject, lines);
  });
}
