// The tree of files, folders and links that an archive has produced so far, by the rules of Python's `tarfile.data_filter` (PEP 706): links may point
// anywhere inside the tree, and no entry is written outside of it. It resolves paths itself, so that nothing depends on links of the file system.

/** A path in the archive without links, `.` and `..`; the root is empty. */
type RealPath = string;

type Node = { kind: 'folder' } | { kind: 'file' } | { kind: 'link'; target: string };

/** As the kernel's own limit (path_resolution(7)). */
const MAX_LINKS = 40;

export class ArchiveTree {
  readonly #nodes = new Map<RealPath, Node>();

  /** @returns undefined if nothing is there */
  kindOf(path: RealPath): Node['kind'] | undefined {
    return path === '' ? 'folder' : this.#nodes.get(path)?.kind;
  }

  add(path: RealPath, node: Node): void {
    this.#nodes.set(path, node);
  }

  /**
   * Follows links, except for one in the last place unless `followsLast`. Parts that do not exist are taken as written.
   * @returns undefined if the path leaves the archive. A loop of links is taken as written, too: it leads nowhere
   */
  resolve(path: string, followsLast = true): RealPath | undefined {
    return this.#walk(path, followsLast)?.found;
  }

  /** Whether a path that does not leave the archive passes through its root on the way. */
  passesRoot(path: string): boolean {
    return this.#walk(path, true)?.passesRoot ?? true;
  }

  #walk(path: string, followsLast: boolean): { found: RealPath; passesRoot: boolean } | undefined {
    if (path.startsWith('/')) return undefined;
    const found: string[] = [];
    // In reverse, so that the next part is the last one.
    const waiting = path.split('/').reverse();
    let links = 0;
    let passesRoot = false;
    for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (found.pop() === undefined) return undefined;
        passesRoot ||= found.length === 0;
        continue;
      }
      const node = this.#nodes.get([...found, part].join('/'));
      const isLast = waiting.every((rest) => rest === '' || rest === '.');
      if (node?.kind !== 'link' || (isLast && !followsLast) || links === MAX_LINKS) {
        found.push(part);
        continue;
      }
      links += 1;
      waiting.push(...node.target.split('/').reverse());
    }
    return { found: found.join('/'), passesRoot };
  }

  /** The links that lead out of the folder now that the archive is complete: an entry after the link may have changed where it leads. */
  escapingLinks(folder: RealPath): RealPath[] {
    return [...this.#nodes].flatMap(([path, node]) => {
      if (node.kind !== 'link') return [];
      const target = this.resolve(`${parentOf(path)}/${node.target}`.replace(/^\//, ''));
      return target !== undefined && isInside(target, folder) ? [] : [path];
    });
  }
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function isInside(path: RealPath, folder: RealPath): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
