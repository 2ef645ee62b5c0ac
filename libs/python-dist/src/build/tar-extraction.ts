// Writes the entries of a tar archive below a folder, by the rules of `ArchiveTree`.
import { link, mkdir, open, rm, symlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { throwIssues, type DistIssue } from '../dist-error.js';
import { ArchiveTree, isInside, parentOf } from './archive-tree.js';
import type { SdistBudget } from './sdist-budget.js';
import { unreadable, unsafe } from './sdist-errors.js';

/** An entry of node-tar's parser. */
export interface TarEntry extends AsyncIterable<Buffer> {
  /** Whether unpacking has failed. */
  destroyed: boolean;
  /** Discards the content. */
  resume: () => void;
  path: string;
  type: string;
  size: number;
  mode?: number;
  linkpath?: string;
}

/** The kernel's limit for paths; a longer one only costs memory. */
const MAX_PATH_BYTES = 4096;

export class TarExtraction {
  readonly #tree = new ArchiveTree();
  /** The only folder at the top level. */
  #top: string | undefined;

  /** @param name - of the archive. @param folder - empty */
  constructor(
    private readonly name: string,
    private readonly folder: string,
    private readonly budget: SdistBudget,
  ) {}

  /** Consumes the entry. @throws DistError `DIST_SOURCE_SDIST_*` */
  async write(entry: TarEntry): Promise<void> {
    const issue = await this.#write(entry);
    if (issue !== undefined) throwIssues(this.name, [issue]);
    entry.resume();
  }

  /** @throws DistError `DIST_SOURCE_SDIST_UNSAFE` */
  finish(): void {
    const escaping = this.#tree.escapingLinks(this.#top ?? '');
    throwIssues(
      this.name,
      escaping.map((path) => unsafe(`${path} is a link that leads out of the source tree`)),
    );
  }

  async #write(entry: TarEntry): Promise<DistIssue | undefined> {
    const { path, type, size } = entry;
    if (isUnsafePath(path)) return unsafe(`${shown(path)} leads out of the source tree`);
    const parent = this.#tree.resolve(parentOf(path.replace(/\/+$/, '')));
    const target = this.#tree.resolve(path, false);
    if (parent === undefined || target === undefined) return unsafe(`${shown(path)} leads out of the source tree`);
    const [top = ''] = target.split('/');
    this.#top ??= top;
    if (target !== '' && top !== this.#top)
      throw this.#damaged(`has ${this.#top} and ${top} at the top level, expected one folder`);
    switch (type) {
      case 'File':
      case 'OldFile':
      case 'ContiguousFile':
        return this.#writeFile(this.#tree.resolve(path) ?? target, entry);
      case 'Directory':
      case 'GNUDumpDir':
        return this.#makeFolders(this.#tree.resolve(path) ?? target);
      case 'SymbolicLink':
        return this.#writeSymbolicLink(target, entry);
      case 'Link':
        return this.#writeHardLink(target, entry);
      default:
        return unsafe(`${shown(path)} is a ${type} of ${size} bytes, expected files, folders and links`);
    }
  }

  async #makeFolders(path: string): Promise<undefined> {
    const parts = path.split('/').filter((part) => part !== '');
    for (const [index] of parts.entries()) {
      const folder = parts.slice(0, index + 1).join('/');
      const kind = this.#tree.kindOf(folder);
      if (kind === 'folder') continue;
      if (kind !== undefined) throw this.#damaged(`${shown(folder)} is both a ${kind} and a folder`);
      this.budget.declare(1, 0);
      await mkdir(join(this.folder, folder));
      this.#tree.add(folder, { kind: 'folder' });
    }
  }

  /** As tarfile, it writes to the target of a link in its place. */
  async #writeFile(target: string, entry: TarEntry): Promise<undefined> {
    this.budget.declare(1, entry.size);
    await this.#makeFolders(parentOf(target));
    await this.#removeFile(target);
    const file = await open(join(this.folder, target), 'wx', ((entry.mode ?? 0) & 0o100) === 0 ? 0o644 : 0o755);
    try {
      this.#checkAlive(entry);
      for await (const chunk of entry) {
        await file.write(chunk);
        this.#checkAlive(entry);
      }
    } finally {
      await file.close();
    }
    this.#tree.add(target, { kind: 'file' });
  }

  async #writeSymbolicLink(target: string, { path, linkpath = '' }: TarEntry): Promise<DistIssue | undefined> {
    const outside = unsafe(`${shown(path)} is a link to ${shown(linkpath)}, out of the source tree`);
    const [start, top] = [parentOf(target), this.#top ?? ''];
    const leadsTo = isUnsafePath(linkpath) ? undefined : this.#tree.resolve(`${start}/${linkpath}`);
    if (leadsTo === undefined || !isInside(leadsTo, top)) return outside;
    // The tree's folder gets another name, which a link by way of its parent would miss.
    const written = this.#tree.passesRoot(`${start}/${linkpath}`) ? posix.relative(start, leadsTo) || '.' : linkpath;
    this.budget.declare(1, 0);
    await this.#makeFolders(start);
    await this.#removeFile(target);
    await symlink(written, join(this.folder, target));
    this.#tree.add(target, { kind: 'link', target: written });
    return undefined;
  }

  async #writeHardLink(target: string, { path, linkpath = '' }: TarEntry): Promise<DistIssue | undefined> {
    const source = isUnsafePath(linkpath) ? undefined : this.#tree.resolve(linkpath);
    if (source === undefined || !isInside(source, this.#top ?? ''))
      return unsafe(`${shown(path)} is a link to ${shown(linkpath)}, out of the source tree`);
    if (this.#tree.kindOf(source) !== 'file')
      throw this.#damaged(
        `${shown(path)} is a link to ${shown(linkpath)}, which is not an earlier file of the archive`,
      );
    this.budget.declare(1, 0);
    await this.#makeFolders(parentOf(target));
    if (source === target) return undefined;
    await this.#removeFile(target);
    await link(join(this.folder, source), join(this.folder, target));
    this.#tree.add(target, { kind: 'file' });
    return undefined;
  }

  /** A later entry of the same path replaces a file or a link. */
  async #removeFile(target: string): Promise<void> {
    const kind = this.#tree.kindOf(target);
    if (kind === 'folder') throw this.#damaged(`${shown(target)} is both a file and a folder`);
    if (kind !== undefined) await rm(join(this.folder, target));
  }

  /** Reading from a destroyed entry would wait forever. */
  #checkAlive({ destroyed, path }: TarEntry): void {
    if (destroyed) throw this.#damaged(`${shown(path)} is incomplete`);
  }

  #damaged(found: string): Error {
    return unreadable(this.name, new Error(found));
  }
}

/** Whether a path is not relative, or means something else on another system. */
function isUnsafePath(path: string): boolean {
  return (
    path === '' || path.startsWith('/') || /^[A-Za-z]:|\\|\0/.test(path) || Buffer.byteLength(path) > MAX_PATH_BYTES
  );
}

/** Without control characters, and not endless. */
function shown(path: string): string {
  const text = path.length > 200 ? `${path.slice(0, 200)}…` : path;
  return /[\u0000-\u001f\u007f-\u009f]/.test(text) ? JSON.stringify(text) : text;
}
