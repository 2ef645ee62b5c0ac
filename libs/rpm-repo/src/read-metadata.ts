/** Reads the finished metadata of a repository, as dnf does: repomd.xml names the other files and their digests. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sha256Of } from '@pinpack/common/digest';
import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { formatEvr } from '@pinpack/rpm-gen';

/** A package in primary, filelists or other. */
export interface ListedPackage {
  name: string;
  /** `[epoch:]version-release` */
  evr: string;
  architecture: string;
  /** sha256 of the RPM, in hex. */
  sha256: string;
  /** In the repository; only primary has it. */
  file: string | undefined;
  /** In bytes; only primary has it. */
  size: number | undefined;
}

export interface ListedDelta {
  name: string;
  architecture: string;
  oldEvr: string;
  newEvr: string;
  file: string;
  size: number;
  sha256: string;
  sequence: string;
}

export interface MetadataFile {
  type: string;
  /** In the repository. */
  file: string;
  sha256: string;
  /** Of the uncompressed text. */
  openSha256: string | undefined;
}

export interface Repomd {
  revision: number;
  files: MetadataFile[];
}

/** @throws Error if it is not well-formed */
export function parseRepomd(text: string): Repomd {
  const { root } = parseXml(text);
  const data = elements(root, 'data').map((element): MetadataFile => ({
    type: element.attributes.type ?? '',
    file: child(element, 'location')?.attributes.href ?? '',
    sha256: child(element, 'checksum')?.text ?? '',
    openSha256: child(element, 'open-checksum')?.text,
  }));
  return { revision: Number(child(root, 'revision')?.text), files: data };
}

/** The text of a metadata file with the extension .gz, after its digests have been compared; the reason if they differ. */
export async function readMetadataFile(
  folder: string,
  { file, sha256, openSha256 }: MetadataFile,
): Promise<{ text: string } | { problem: string }> {
  const bytes = await readFile(join(folder, file));
  if (sha256Of(bytes) !== sha256)
    return { problem: `${file} has sha256 ${sha256Of(bytes)}, expected ${sha256} as in repomd.xml` };
  const text = gunzipSync(bytes);
  if (sha256Of(text) !== openSha256) return { problem: `${file} has another content than repomd.xml says` };
  return { text: text.toString() };
}

/** The number that the file itself gives, and its packages. */
export function parsePackages(text: string): { count: number; packages: ListedPackage[] } {
  // The files are most of filelists.xml, and are not compared.
  const { root } = parseXml(text.replaceAll(/<file\b[^>]*>[^<]*<\/file>\n?/g, ''));
  const packages = elements(root, 'package').map((element): ListedPackage => {
    const size = child(element, 'size')?.attributes.package;
    return {
      name: child(element, 'name')?.text ?? element.attributes.name ?? '',
      evr: evrOf(child(element, 'version')?.attributes ?? {}),
      architecture: child(element, 'arch')?.text ?? element.attributes.arch ?? '',
      sha256: child(element, 'checksum')?.text ?? element.attributes.pkgid ?? '',
      file: child(element, 'location')?.attributes.href,
      size: size === undefined ? undefined : Number(size),
    };
  });
  return { count: Number(root?.attributes.packages), packages };
}

export function parseDeltas(text: string): ListedDelta[] {
  const { root } = parseXml(text);
  return elements(root, 'newpackage').flatMap((element) => {
    const { name = '', arch = '', ...now } = element.attributes;
    return elements(element, 'delta').map((delta) => ({
      ...{ name, architecture: arch, newEvr: evrOf(now), oldEvr: evrOf(delta.attributes, 'old') },
      file: child(delta, 'filename')?.text ?? '',
      size: Number(child(delta, 'size')?.text),
      sha256: child(delta, 'checksum')?.text ?? '',
      sequence: child(delta, 'sequence')?.text ?? '',
    }));
  });
}

/** IDs of the advisories in updateinfo.xml. */
export function parseAdvisoryIds(text: string): string[] {
  return elements(parseXml(text).root, 'update').map((element) => child(element, 'id')?.text ?? '');
}

/** `ver` and `rel` in the metadata of packages, `version` and `release` in that of deltas. An epoch of 0 is none. */
function evrOf(attributes: Record<string, string>, prefix = ''): string {
  const of = (...names: string[]) =>
    names.map((name) => attributes[`${prefix}${name}`]).find((value) => value !== undefined);
  const epoch = Number(of('epoch') ?? 0);
  return formatEvr({
    ...(epoch !== 0 && { epoch }),
    version: of('ver', 'version') ?? '',
    release: of('rel', 'release') ?? '',
  });
}

function elements(parent: XmlElement | null, name: string): XmlElement[] {
  return (parent?.children ?? []).filter(
    (each): each is XmlElement => each instanceof XmlElement && each.name === name,
  );
}

function child(parent: XmlElement | null, name: string): XmlElement | undefined {
  return elements(parent, name)[0];
}
