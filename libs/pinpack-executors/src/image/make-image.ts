// The target `image`: base, a layer for each wheel RPM, one for the application, as an archive of an OCI layout in dist/images.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/build-store';
import { encodeArchive, planImage } from '@pinpack/oci-image';
import { minorVersion } from '@pinpack/python-dist';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import type { ApplicationOrder } from '../application/read-application.js';
import { applicationProject, wheelProject } from '../reqset/place.js';
import type { Account } from './account.js';
import { readApplicationLayer } from './application-layer.js';
import { checkLibraries, findPython, openBase, type Base } from './base.js';
import { findRpms, imageArchitecture } from './find-rpms.js';
import { imageFile } from './place.js';
import { planLayers } from './plan-layers.js';
import { imageName, planLabels, planRun } from './run-config.js';
import type { ImageSettings } from './settings.js';
import { keep, LAYERS, openKept, wheelLayer, type KeptLayer, type LayerOrder } from './wheel-layers.js';

export interface ImageOrder {
  root: string;
  order: ApplicationOrder;
  image: ImageSettings;
  /** Digest of the code that determines the bytes. */
  code: string;
}

export interface MadeImage {
  path: string;
  size: number;
  layers: { base: number; wheels: number; kept: number };
}

/** @throws PinpackError, OciError, RpmError */
export async function makeImage({ root, order, image, code }: ImageOrder): Promise<MadeImage> {
  const { reqset, application } = order;
  const name = applicationProject(reqset, application.name);
  const rpms = await findRpms(root, order);
  const base = await openBase(root, image.base, imageArchitecture(rpms.wheels));
  const python = await findPython(base, minorVersion(application.python));
  await checkLibraries(base, rpms.wheels);
  const kept: LayerOrder = { folder: join(root, LAYERS), code, compression: image.compression };
  const wheels: KeptLayer[] = [];
  for (const group of planLayers(rpms.wheels, wheelProject(reqset, application.library)))
    wheels.push(await wheelLayer(kept, group, name));
  const { entries, account } = await readApplicationLayer(order, rpms, base, python);
  const work = await mkdtemp(join(tmpdir(), 'pinpack-image-'));
  try {
    const path = join(work, 'application');
    const facts = await keep(path, entries, image.compression);
    const own: KeptLayer = { ...facts, createdBy: `pinpack: ${name}, its environment`, path, isKept: false };
    const file = join(root, imageFile(reqset, name));
    await writeFileAtomically(file, encodeImage({ root, order, image, code }, base, [...wheels, own], account));
    const count = {
      base: base.image.manifest.layers.length,
      wheels: wheels.length,
      kept: wheels.filter(({ isKept }) => isKept).length,
    };
    return { path: file, size: (await stat(file)).size, layers: count };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function encodeImage(
  { order, image }: ImageOrder,
  { image: base }: Base,
  layers: readonly KeptLayer[],
  account: Account | undefined,
): AsyncGenerator<Uint8Array> {
  const { digest } = base.descriptor;
  const { config, manifest } = planImage({
    base,
    layers,
    run: planRun({ order, image, base: { digest, run: base.config.config ?? {} }, account }),
    annotations: planLabels(order, digest),
    created: DEFAULT_MTIME,
  });
  return encodeArchive({
    manifest,
    annotations: { 'org.opencontainers.image.ref.name': imageName(order) },
    blobs: [
      { descriptor: config.descriptor, open: () => [config.data] },
      ...base.manifest.layers.map((descriptor) => ({ descriptor, open: () => base.stream(descriptor) })),
      ...layers.map((layer) => ({ descriptor: layer.descriptor, open: () => openKept(layer) })),
    ],
    mtime: DEFAULT_MTIME,
  });
}
