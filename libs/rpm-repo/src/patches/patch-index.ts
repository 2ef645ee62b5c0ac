/**
 * The index of a repository's patches (docs/patches.md): metadata of type `pinpack-patches`, which repomd.xml lists and the repository's signature covers.
 * Pure.
 */
export const PATCH_METADATA = 'pinpack-patches';
const FORMAT = 1;

export interface PublishedPatch {
  /** Of the package: `reqset3-wheel-numpy`, `x86_64` */
  name: string;
  architecture: string;
  /** `[epoch:]version-release` */
  newEvr: string;
  /** sha256 of the RPM that it makes, in hex, and the size of that RPM before its payload was compressed. */
  rpm: string;
  unpacked: number;
  /** What it is made against; undefined: nothing. */
  old?: OldPackage;
  /** In the repository: `patches/….patch` */
  file: string;
  size: number;
  sha256: string;
}

export interface OldPackage {
  evr: string;
  /** sha256 of the header with its magic, and of the uncompressed payload, in hex. */
  header: string;
  payload: string;
}

export interface PatchIdentity extends Pick<PublishedPatch, 'name' | 'architecture' | 'newEvr'> {
  /** undefined: made against nothing. */
  oldEvr: string | undefined;
}

/** `numpy-2.4.5-1_2.4.6-1.x86_64.patch`, or without the old version. */
export function patchFileName({ name, architecture, newEvr, oldEvr }: PatchIdentity): string {
  const withoutEpoch = (evr: string) => evr.replace(/^\d+:/, '');
  const before = oldEvr === undefined ? '' : `${withoutEpoch(oldEvr)}_`;
  return `${name}-${before}${withoutEpoch(newEvr)}.${architecture}.patch`;
}

interface ListedPackage {
  rpm: string;
  unpacked: number;
  patches: unknown[];
}

/** The same patches in any order give the same text. @param rpms - of the repository; plugins of dnf 5 are told their paths, not their digests */
export function formatPatchIndex(
  patches: readonly PublishedPatch[],
  rpms: readonly { file: string; sha256: string }[],
): string {
  const paths = new Map(rpms.map(({ file, sha256 }) => [sha256, file]));
  const packages: Record<string, ListedPackage> = {};
  for (const { rpm, unpacked, file, size, sha256, old } of [...patches].sort((a, b) => (a.file < b.file ? -1 : 1))) {
    const path = paths.get(rpm);
    // Patches to RPMs that the repository does not have are of no use.
    if (path === undefined) continue;
    const origin = old && { old: { header: old.header, payload: old.payload } };
    (packages[rpm] ??= { rpm: path, unpacked, patches: [] }).patches.push({ file, size, sha256, ...origin });
  }
  return `${JSON.stringify({ format: FORMAT, packages })}\n`;
}

/**
 * Those that save the most, until the budget is used up.
 *
 * @param sizes - of the RPMs, by sha256
 * @param budget - in bytes
 */
export function selectPatches(
  patches: readonly PublishedPatch[],
  sizes: ReadonlyMap<string, number>,
  budget: number,
): PublishedPatch[] {
  const saving = ({ rpm, size }: PublishedPatch) => (sizes.get(rpm) ?? 0) - size;
  const sorted = [...patches].sort((a, b) => saving(b) - saving(a) || (a.file < b.file ? -1 : 1));
  let left = budget;
  return sorted.filter(({ size }) => {
    const fits = size <= left;
    if (fits) left -= size;
    return fits;
  });
}
