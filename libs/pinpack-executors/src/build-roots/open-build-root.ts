// Opens the root that `build.root` of reqset.json names: an image, a folder, or a recipe of packages. Images and recipes are unpacked once into the cache.
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import {
  architectureName,
  openDockerArchive,
  openImage,
  parseLocation,
  unpackImage,
  type Image,
  type ImageLocation,
} from '@pinpack/oci-image';
import { cacheFolder, type BuildRoot } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { digestFolder } from './folder-digest.js';
import { makeRecipeRoot, run, type Recipe } from './recipe-root.js';
import { RootCache, type CachedRoot } from './root-cache.js';
import { formatRootSetting, rootSubject, type RootSetting } from '../workspace/root-setting.js';

export interface RootRequest {
  /** The workspace's root, which paths are relative to. */
  root: string;
  setting: RootSetting;
  /** The locked digest; absent while locking. */
  locked?: string;
}

/** @throws PinpackError `PINPACK_BUILD_ROOT_MISSING`, `PINPACK_BUILD_ROOT_FAILED`, `PINPACK_BUILD_ROOT_CHANGED`; OciError */
export async function openBuildRoot({ root, setting, locked }: RootRequest): Promise<BuildRoot> {
  const subject = rootSubject(setting);
  const cache = new RootCache(cacheFolder(process.env));
  const found =
    (locked === undefined ? undefined : await cache.find(locked)) ?? (await open(root, setting, { cache, locked }));
  if (locked !== undefined && found.digest !== locked) throw changed(subject, found.digest, locked);
  return { subject, folder: found.folder, digest: found.digest, environment: found.environment };
}

interface OpenContext {
  cache: RootCache;
  locked: string | undefined;
}

function open(root: string, setting: RootSetting, context: OpenContext): Promise<CachedRoot> {
  if (typeof setting !== 'string') return openRecipe(setting, context.cache);
  if (setting.startsWith('docker://')) return openRegistry(setting, context);
  const [, transport, path = ''] = /^(oci|oci-archive|docker-archive):(.*)$/.exec(setting) ?? [];
  if (transport !== undefined) return openImageAt(root, transport === 'docker-archive' ? path : setting, context.cache);
  const place = resolve(root, setting);
  if (!existsSync(place)) {
    throw new PinpackError('PINPACK_BUILD_ROOT_MISSING', setting, [
      `${place} does not exist, expected an image or the root folder of a system`,
      'Correct "build": {"root": …} in reqset.json. An image of a registry is written docker://REGISTRY/NAME:TAG.',
    ]);
  }
  const isFolder = statSync(place).isDirectory() && !existsSync(join(place, 'oci-layout'));
  return isFolder ? openFolder(setting, place, context.cache) : openImageAt(root, setting, context.cache);
}

async function openFolder(subject: string, folder: string, cache: RootCache): Promise<CachedRoot> {
  return { folder, digest: await digestFolder({ folder, subject }, cache), environment: {} };
}

async function openRecipe(recipe: Recipe, cache: RootCache): Promise<CachedRoot> {
  const key = `recipe-${sha256Of(formatRootSetting(recipe))}`;
  const known = await cache.recall(key);
  const found = known === undefined ? undefined : await cache.find(known);
  if (found !== undefined) return found;
  const made = await cache.make((folder) => makeRecipeRoot(recipe, folder));
  await cache.remember(key, made.digest);
  return made;
}

async function openImageAt(root: string, name: string, cache: RootCache): Promise<CachedRoot> {
  const location = parseLocation(name);
  const image = await openAny({ ...location, path: resolve(root, location.path) });
  return (
    (await cache.find(image.descriptor.digest)) ??
    cache.make((folder) => unpack(image, folder, image.descriptor.digest))
  );
}

/** An archive of `docker save` may be an OCI image layout too, which has more digests. */
async function openAny(location: ImageLocation): Promise<Image> {
  try {
    return await openImage(location, architectureName());
  } catch (error) {
    if (location.kind !== 'archive' || !isLayoutMissing(error)) throw error;
    return openDockerArchive(location, architectureName());
  }
}

function isLayoutMissing(error: unknown): boolean {
  return error instanceof Error && error.message.includes('index.json is not there');
}

async function unpack(image: Image, folder: string, digest: string) {
  await unpackImage(image, folder);
  return { digest, environment: variablesOf(image) };
}

function variablesOf({ config: { config } }: Image): Record<string, string> {
  const pairs = (config?.Env ?? []).map((text) => text.split(/=(.*)/s));
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
}

/** skopeo checks what it copies against the digest of the manifest, which identifies the root. */
async function openRegistry(name: string, { cache, locked }: OpenContext): Promise<CachedRoot> {
  const needed = { program: 'skopeo', debian: 'skopeo', fedora: 'skopeo' };
  const digest = locked ?? (await run(name, needed, ['inspect', '--no-tags', '--format', '{{.Digest}}', name])).trim();
  const found = await cache.find(digest);
  if (found !== undefined) return found;
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-image-'));
  try {
    await run(name, needed, ['copy', '--quiet', `${withoutTag(name)}@${digest}`, `oci:${folder}:image`]);
    const image = await openImage({ kind: 'folder', path: folder, reference: 'image' }, architectureName());
    return await cache.make((target) => unpack(image, target, digest));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `docker://registry:5000/name:tag` without tag and digest. */
function withoutTag(name: string): string {
  return name.replace(/@sha256:.*$/, '').replace(/:[^/:]*$/, '');
}

function changed(subject: string, found: string, locked: string): PinpackError {
  return new PinpackError('PINPACK_BUILD_ROOT_CHANGED', subject, [
    `the root is ${found}, expected the locked ${locked}`,
    'Run lock again to build in the root as it is now. Everything that is built from source is then built again.',
  ]);
}
