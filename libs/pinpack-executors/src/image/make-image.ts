// The target `image`: base, a layer for each wheel RPM, one for the application, as an archive of an OCI layout in dist/images.
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/build-store';
import { encodeArchive, planImage, type LayerEntry } from '@pinpack/oci-image';
import { minorVersion } from '@pinpack/python-dist';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import type { Manifest } from '../application/manifest.js';
import { applicationPaths } from '../application/paths.js';
import type { ApplicationOrder } from '../application/read-application.js';
import { applicationProject, setLabel, wheelProject } from '../reqset/place.js';
import { planAccount, type Account } from './account.js';
import { checkLibraries, findPython, openBase, readText, type Base } from './base.js';
import { makeEnvironment, writeTrees } from './environment.js';
import { findRpms, imageArchitecture, type ApplicationRpms } from './find-rpms.js';
import { imageFile } from './place.js';
import { planLayers } from './plan-layers.js';
import { readRpmEntries, readWheelEntries, type RpmFacts } from './read-rpm.js';
import { imageName, planLabels, planRun } from './run-config.js';
import type { ImageSettings } from './settings.js';
import { keep, LAYERS, openKept, wheelLayer, type KeptLayer, type LayerOrder } from './wheel-layers.js';

const UNITS = 'usr/lib/systemd/';

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
  const { entries, account } = await applicationEntries(order, rpms, base, python);
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

interface OwnLayer {
  entries: LayerEntry[];
  account: Account | undefined;
}

/** What is the application's alone: its RPM's files but for systemd's, its environment, account, and a list of what the image is made of. */
async function applicationEntries(
  order: ApplicationOrder,
  rpms: ApplicationRpms,
  base: Base,
  python: string,
): Promise<OwnLayer> {
  const { settings } = order;
  const delivered = await readRpmEntries(rpms.own);
  const own = delivered.filter(({ path }) => !path.startsWith(UNITS));
  const manifest = readManifest(own, rpms.own.name);
  const environment = await inWorkFolder(async (folder) => {
    const trees = join(folder, 'trees');
    await mkdir(trees);
    await mkdir(join(folder, 'home'));
    for (const rpm of unique([...rpms.wheels, ...rpms.tools])) writeTrees(await readWheelEntries(rpm), trees);
    return makeEnvironment({ manifest, rootfs: base.rootfs, python, trees, folder: join(folder, 'home') });
  });
  const account = settings.user === undefined ? undefined : await readAccount(settings.user, manifest.name, base);
  return {
    entries: [
      ...own,
      ...environment,
      ...(account === undefined ? [] : accountEntries(account)),
      ...stateEntries(delivered, account),
      contentsEntry(order, rpms, base),
    ],
    account,
  };
}

function readManifest(entries: readonly LayerEntry[], name: string): Manifest {
  const path = applicationPaths(name).manifest.slice(1);
  const data = entries.find((entry) => entry.path === path)?.data;
  if (data === undefined) throw new RangeError(`${name} has no ${path}`);
  return JSON.parse(Buffer.from(data).toString('utf8')) as Manifest;
}

async function inWorkFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-image-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function unique(rpms: readonly RpmFacts[]): RpmFacts[] {
  return [...new Map(rpms.map((rpm) => [rpm.name, rpm])).values()];
}

async function readAccount(user: string, name: string, base: Base): Promise<Account> {
  return planAccount(user, name, await readText(base, 'etc/passwd'), await readText(base, 'etc/group'));
}

function accountEntries({ passwd, group }: Account): LayerEntry[] {
  const files = { 'etc/passwd': passwd, 'etc/group': group };
  return Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [file(path, text)]));
}

/** The folders that systemd would make for the service (systemd.exec(5), StateDirectory). */
function stateEntries(delivered: readonly LayerEntry[], account: Account | undefined): LayerEntry[] {
  const { uid = 0, gid = 0 } = account ?? {};
  const units = delivered.filter(({ path }) => path.startsWith(UNITS) && path.endsWith('.service'));
  const texts = units.map(({ data = new Uint8Array() }) => Buffer.from(data).toString('utf8'));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/^StateDirectory=(.+)$/gm)].flatMap(([, all = '']) => all.split(' ')),
  );
  return names
    .filter((name) => /^[\w@+-][\w@.+-]*$/.test(name))
    .map((name) => ({ path: `var/lib/${name}`, kind: 'directory', mode: 0o755, mtime: DEFAULT_MTIME, uid, gid }));
}

/** rpm's own database is not written: here is what it would say. */
function contentsEntry({ reqset }: ApplicationOrder, { own, wheels }: ApplicationRpms, { image }: Base): LayerEntry {
  const rpms = [own, ...wheels].map(({ name, version, release, architecture, sha256 }) => ({
    name,
    version,
    release,
    architecture,
    sha256,
  }));
  const contents = { format: 1, reqset: setLabel(reqset), base: image.descriptor.digest, rpms };
  return file(
    `${applicationPaths(own.name).folder.slice(1)}/image.json`,
    `${JSON.stringify(contents, undefined, 2)}\n`,
  );
}

function file(path: string, text: string): LayerEntry {
  return { path, kind: 'file', mode: 0o644, mtime: DEFAULT_MTIME, data: Buffer.from(text) };
}
