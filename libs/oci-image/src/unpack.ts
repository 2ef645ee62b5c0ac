/**
 * Unpacks the layers of an image over each other into a folder (image-spec v1.1, "Applying Changesets"), to look at it or run its programs in
 * a sandbox. Owners, devices and setuid bits aren't kept: it is no root for anything else.
 */
import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { dirname, join, posix } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { decompressPieces } from '@pinpack/compression';
import { Parser, type ReadEntry } from 'tar';
import type { Image } from './open-image.js';
import type { Descriptor } from './image.js';
import { compressionOf } from './media-types.js';
import { OciError } from './oci-error.js';
import { followInRoot } from './resolve.js';

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** @param folder - empty. @throws OciError `OCI_UNSUPPORTED`, `OCI_DAMAGED` */
export async function unpackImage(image: Image, folder: string): Promise<void> {
  for (const descriptor of image.manifest.layers) {
    const tar = await openTar(image, descriptor);
    await applyLayer(tar, new LayerTarget(folder, `${image.subject}: ${descriptor.digest}`));
  }
}

async function openTar(image: Image, descriptor: Descriptor): Promise<Readable> {
  const compression = compressionOf(descriptor.mediaType);
  if (compression === undefined) {
    throw new OciError('OCI_UNSUPPORTED', image.subject, [
      `a layer's media type is ${descriptor.mediaType}, expected application/vnd.oci.image.layer.v1.tar, by itself or with +gzip or +zstd`,
    ]);
  }
  const blob = await image.stream(descriptor);
  if (compression === 'none') return blob;
  if (compression === 'zstd') return Readable.from(decompressPieces('zstd', blob));
  const tar = new PassThrough();
  pipeline(blob, createGunzip(), tar).catch((error: unknown) => tar.destroy(error as Error));
  return tar;
}

async function applyLayer(tar: Readable, target: LayerTarget): Promise<void> {
  const failures: unknown[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      takeEntry(entry, target, failures);
    },
  });
  parser.on('error', (error: unknown) => failures.push(error));
  const ended = once(parser, 'end');
  for await (const chunk of tar) {
    if (failures.length > 0) break;
    if (!parser.write(chunk as Buffer)) await once(parser, 'drain');
  }
  if (failures.length > 0) throw failures[0];
  parser.end();
  await Promise.race([ended, once(parser, 'close')]);
  if (failures.length > 0) throw failures[0];
}

function takeEntry(entry: ReadEntry, target: LayerTarget, failures: unknown[]): void {
  const chunks: Buffer[] = [];
  entry.on('data', (chunk) => chunks.push(chunk));
  entry.on('end', () => {
    try {
      if (failures.length === 0) target.apply(entry, Buffer.concat(chunks));
    } catch (error) {
      failures.push(error);
    }
  });
}

/** The folder as one layer changes it. */
class LayerTarget {
  /** Paths that this layer brought: an opaque folder loses only what was there before. */
  private readonly brought = new Set<string>();

  constructor(
    private readonly root: string,
    private readonly subject: string,
  ) {}

  apply(entry: ReadEntry, data: Buffer): void {
    const path = this.locate(entry.path);
    const name = posix.basename(path);
    if (path === this.root) return;
    if (name === OPAQUE) this.clear(dirname(path));
    else if (name.startsWith(WHITEOUT)) remove(join(dirname(path), name.slice(WHITEOUT.length)));
    else this.place(entry, path, data);
  }

  private place(entry: ReadEntry, path: string, data: Buffer): void {
    const mode = (entry.mode ?? 0o644) & 0o777;
    this.remember(path);
    if (entry.type === 'Directory') {
      if (!isFolder(path)) {
        remove(path);
        mkdirSync(path);
      }
      // Whoever unpacks must be able to go in, and to remove it again.
      chmodSync(path, mode | 0o700);
      return;
    }
    remove(path);
    if (entry.type === 'SymbolicLink') symlinkSync(entry.linkpath ?? '', path);
    else if (entry.type === 'Link') linkSync(this.locate(entry.linkpath ?? ''), path);
    else if (entry.type === 'File' || entry.type === 'OldFile' || entry.type === 'ContiguousFile')
      writeFileSync(path, data, { mode: mode | 0o400 });
  }

  private remember(path: string): void {
    for (let each = path; each !== this.root && !this.brought.has(each); each = dirname(each)) this.brought.add(each);
  }

  private clear(folder: string): void {
    for (const name of isFolder(folder) ? readdirSync(folder) : []) {
      const path = join(folder, name);
      if (!this.brought.has(path)) remove(path);
      else if (isFolder(path)) this.clear(path);
    }
  }

  /** The path of an entry in the folder. Links are resolved as in a root of its own, never out of the folder. */
  private locate(path: string): string {
    const words = path.split('/').filter((word) => word !== '' && word !== '.');
    if (words.includes('..'))
      throw new OciError('OCI_DAMAGED', this.subject, `the path ${JSON.stringify(path)} leads out of the layer`);
    const name = words.pop();
    const folder = this.enter(words);
    return name === undefined ? folder : join(folder, name);
  }

  private enter(words: readonly string[]): string {
    const folder = followInRoot(this.root, words, (path) => {
      remove(path);
      mkdirSync(path);
      return true;
    });
    if (folder !== undefined) return folder;
    throw new OciError('OCI_DAMAGED', this.subject, `the links at ${JSON.stringify(words.join('/'))} lead nowhere`);
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
