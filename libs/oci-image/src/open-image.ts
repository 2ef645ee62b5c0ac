/** Opens a base image: finds its manifest and checks every blob by its digest. */
import type { Readable } from 'node:stream';
import { checkStream } from './checked-stream.js';
import type { Descriptor, ImageConfig, ImageIndex, Manifest } from './image.js';
import { openLayout, type Layout } from './layout.js';
import type { ImageLocation } from './location.js';
import { INDEX, MANIFEST } from './media-types.js';
import { OciError } from './oci-error.js';
import { parseConfig, parseIndex, parseManifest } from './parse.js';

export interface Image {
  /** For messages. */
  subject: string;
  /** Of the manifest: the identity of the image. */
  descriptor: Descriptor;
  manifest: Manifest;
  config: ImageConfig;
  /** The blob of a descriptor. The stream fails at its end if the content does not match the digest. */
  stream: (descriptor: Descriptor) => Promise<Readable>;
}

const JSON_LIMIT = 8 * 1024 * 1024;
const REFERENCE = 'org.opencontainers.image.ref.name';

/**
 * @param architecture - as Go names it: `amd64`; chooses where the image is for several, undefined where any will do
 * @throws OciError `OCI_NOT_FOUND`, `OCI_INVALID`, `OCI_DAMAGED`, `OCI_PLATFORM`
 */
export async function openImage(location: ImageLocation, architecture: string | undefined): Promise<Image> {
  const subject = location.path;
  const layout = await openLayout(location);
  const index = parseIndex(await layout.read('index.json', JSON_LIMIT), `${subject}: index.json`);
  const named = chooseNamed(index, location);
  const descriptor = await choosePlatform(layout, subject, named, architecture);
  const manifest = parseManifest(await readBlob(layout, subject, descriptor), `${subject}: ${descriptor.digest}`);
  const config = parseConfig(await readBlob(layout, subject, manifest.config), `${subject}: ${manifest.config.digest}`);
  checkArchitecture(subject, config, architecture);
  checkLayers(subject, manifest, config);
  const stream = (blob: Descriptor): Promise<Readable> => streamBlob(layout, subject, blob);
  return { subject, descriptor, manifest, config, stream };
}

/** The digest that a layout gives an image, of a manifest or of an index of several: it changes when the image does. */
export async function readIdentity(location: ImageLocation): Promise<string> {
  const layout = await openLayout(location);
  const index = parseIndex(await layout.read('index.json', JSON_LIMIT), `${location.path}: index.json`);
  return chooseNamed(index, location).digest;
}

function chooseNamed({ manifests }: ImageIndex, { path, reference }: ImageLocation): Descriptor {
  const names = manifests.map(({ annotations }) => annotations?.[REFERENCE]);
  const fitting = manifests.filter((_, at) => reference === undefined || names[at] === reference);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  throw new OciError('OCI_NOT_FOUND', path, [
    reference === undefined ? `it holds ${manifests.length} images` : `no image in it is called ${reference}`,
    `there are: ${names.map((name) => name ?? 'one without a name').join(', ') || 'none'}`,
    `Name one of them: ${path}:REFERENCE`,
  ]);
}

async function choosePlatform(
  layout: Layout,
  subject: string,
  descriptor: Descriptor,
  architecture: string | undefined,
): Promise<Descriptor> {
  if (descriptor.mediaType === MANIFEST) return descriptor;
  if (descriptor.mediaType !== INDEX) {
    throw new OciError('OCI_UNSUPPORTED', subject, [
      `its media type is ${descriptor.mediaType}, expected ${MANIFEST}`,
      'skopeo copy --format oci makes such an image of another.',
    ]);
  }
  const { manifests } = parseIndex(await readBlob(layout, subject, descriptor), `${subject}: ${descriptor.digest}`);
  const fitting = manifests.filter(
    ({ platform }) =>
      platform?.os === 'linux' && (architecture === undefined || platform.architecture === architecture),
  );
  const [only] = fitting;
  if (only !== undefined && (fitting.length === 1 || architecture !== undefined)) return only;
  const platforms = manifests.map(({ platform }) => `${platform?.os ?? '?'}/${platform?.architecture ?? '?'}`);
  throw new OciError('OCI_PLATFORM', subject, [
    `it is for ${platforms.join(', ') || 'no platform'}, expected ${architecture === undefined ? 'one' : `linux/${architecture}`}`,
  ]);
}

/** @throws OciError `OCI_PLATFORM` */
export function checkArchitecture(subject: string, config: ImageConfig, architecture: string | undefined): void {
  const isFitting = config.os === 'linux' && (architecture === undefined || config.architecture === architecture);
  if (isFitting) return;
  throw new OciError('OCI_PLATFORM', subject, [
    `it is for ${config.os}/${config.architecture}, expected linux/${architecture ?? config.architecture}`,
  ]);
}

function checkLayers(subject: string, { layers }: Manifest, { rootfs }: ImageConfig): void {
  if (layers.length === rootfs.diff_ids.length) return;
  throw new OciError(
    'OCI_INVALID',
    subject,
    `its manifest has ${layers.length} layers and its config ${rootfs.diff_ids.length}, expected as many`,
  );
}

async function readBlob(layout: Layout, subject: string, descriptor: Descriptor): Promise<Buffer> {
  if (descriptor.size > JSON_LIMIT)
    throw new OciError('OCI_INVALID', subject, `${descriptor.digest} takes ${descriptor.size} bytes`);
  const chunks: Buffer[] = [];
  for await (const chunk of await streamBlob(layout, subject, descriptor)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function streamBlob(layout: Layout, subject: string, { digest, size }: Descriptor): Promise<Readable> {
  return checkStream(await layout.stream(`blobs/${digest.replace(':', '/')}`), (found) => {
    if (found.digest === digest && found.size === size) return undefined;
    return damaged(subject, `${digest} of ${size} bytes`, `${found.digest} of ${found.size} bytes`);
  });
}

function damaged(subject: string, expected: string, found: string): OciError {
  return new OciError('OCI_DAMAGED', subject, [`a blob is ${found}`, `expected ${expected}`, 'Copy the image again.']);
}
