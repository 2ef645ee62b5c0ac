// The target `image`: base, a layer for each wheel RPM, one for the application, as an archive of an OCI layout in dist/images.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { encodeArchive, parseLocation, planImage } from '@pinpack/oci-image';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import type { ApplicationRequest } from '../application-rpm/application-request.js';
import { applicationProject, wheelProject } from '../names/rpm-names.js';
import type { Account } from './image-account.js';
import { besideContents, readApplicationLayer } from './application-layer.js';
import { checkLibraries, findPython, openBase, type Base } from './base-image.js';
import { imageArchitecture, type ApplicationRpms } from './application-rpms.js';
import { planLayers } from './plan-layers.js';
import { imageName, planLabels, planRun } from './run-config.js';
import type { ImageSettings } from '../application-rpm/image-settings.js';
import { keep, openKept, wheelLayer, type KeptLayer, type LayerOptions } from './wheel-layers.js';

export interface ImageRequest {
  request: ApplicationRequest;
  image: ImageSettings;
  rpms: ApplicationRpms;
  /** Absolute; the image's base may be given relative to `root`. */
  folders: { root: string; bases: string; layers: string };
  /** Absolute path of the archive. */
  file: string;
  /** Digest of the code that determines the bytes. */
  code: string;
  /** Files beside image.json that describe the image, such as its SBOM: texts by name. */
  describe?: (base: { name: string; digest: string }) => Readonly<Record<string, string>>;
}

export interface MadeImage {
  path: string;
  size: number;
  layers: { base: number; wheels: number; kept: number };
}

/** @throws PackagingError, OciError, RpmError */
export async function makeImage(options: ImageRequest): Promise<MadeImage> {
  const { request, image, rpms, folders, file, code } = options;
  const { reqset, application } = request;
  const name = applicationProject(reqset, application.name);
  const base = await openBase(image.base, imageArchitecture(rpms.wheels), folders);
  const python = await findPython(base, application.python);
  await checkLibraries(base, rpms.wheels);
  const kept: LayerOptions = { folder: folders.layers, code, compression: image.compression };
  const wheels: KeptLayer[] = [];
  for (const group of planLayers(rpms.wheels, wheelProject(reqset, application.library)))
    wheels.push(await wheelLayer(kept, group, name));
  const { entries, account } = await readApplicationLayer(request, rpms, base, python);
  const described = options.describe?.({ name: nameOf(image.base), digest: base.image.descriptor.digest }) ?? {};
  const all = [...entries, ...Object.entries(described).map(([file, text]) => besideContents(name, file, text))];
  const work = await mkdtemp(join(tmpdir(), 'pinpack-image-'));
  try {
    const path = join(work, 'application');
    const facts = await keep(path, all, image.compression);
    const own: KeptLayer = { ...facts, createdBy: `pinpack: ${name}, its environment`, path, isKept: false };
    await writeFileAtomically(file, encodeImage(options, base, [...wheels, own], account));
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
  { request, image }: ImageRequest,
  { image: base }: Base,
  layers: readonly KeptLayer[],
  account: Account | undefined,
): AsyncGenerator<Uint8Array> {
  const { digest } = base.descriptor;
  const { config, manifest } = planImage({
    base,
    layers,
    run: planRun({ request: request, image, base: { digest, run: base.config.config ?? {} }, account }),
    annotations: planLabels(request, digest),
    created: DEFAULT_MTIME,
  });
  return encodeArchive({
    manifest,
    annotations: { 'org.opencontainers.image.ref.name': imageName(request) },
    blobs: [
      { descriptor: config.descriptor, open: () => [config.data] },
      ...base.manifest.layers.map((descriptor) => ({ descriptor, open: () => base.stream(descriptor) })),
      ...layers.map((layer) => ({ descriptor: layer.descriptor, open: () => openKept(layer) })),
    ],
    mtime: DEFAULT_MTIME,
  });
}

/** The folder of a base image belongs to a machine, so only its name is in the image. */
function nameOf(base: string): string {
  const { path, reference } = parseLocation(base);
  return [basename(path), ...(reference === undefined ? [] : [reference])].join(':');
}
