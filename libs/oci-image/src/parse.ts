/** Parses the documents of an image; an invalid one is rejected with every issue. Pure. */
import type { Descriptor, ImageConfig, ImageIndex, Manifest } from './image.js';
import { OciError } from './oci-error.js';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

type Fields = Record<string, unknown>;

/** @throws OciError `OCI_INVALID` */
export function parseIndex(data: Uint8Array, subject: string): ImageIndex {
  const fields = parseObject(data, subject);
  const issues = [...versionIssues(fields), ...descriptorsIssues(fields.manifests, 'manifests')];
  refuse(subject, issues);
  return fields as unknown as ImageIndex;
}

/** @throws OciError `OCI_INVALID` */
export function parseManifest(data: Uint8Array, subject: string): Manifest {
  const fields = parseObject(data, subject);
  refuse(subject, [
    ...versionIssues(fields),
    ...descriptorIssues(fields.config, 'config'),
    ...descriptorsIssues(fields.layers, 'layers'),
  ]);
  return fields as unknown as Manifest;
}

/** @throws OciError `OCI_INVALID` */
export function parseConfig(data: Uint8Array, subject: string): ImageConfig {
  const fields = parseObject(data, subject);
  const { rootfs, config, history } = fields;
  const diffIds = isObject(rootfs) ? rootfs.diff_ids : undefined;
  refuse(subject, [
    ...['architecture', 'os'].filter((name) => typeof fields[name] !== 'string').map((name) => `${name} is no text`),
    ...(Array.isArray(diffIds) && diffIds.every((id) => typeof id === 'string' && DIGEST.test(id))
      ? []
      : ['rootfs.diff_ids is no list of digests']),
    ...(config == null || isObject(config) ? [] : ['config is no object']),
    ...(history == null || (Array.isArray(history) && history.every(isObject))
      ? []
      : ['history is no list of objects']),
  ]);
  return fields as unknown as ImageConfig;
}

/** An image of the archive of `docker save`. */
export interface DockerImage {
  Config: string;
  RepoTags?: string[] | null;
  Layers: string[];
}

/** @throws OciError `OCI_INVALID` */
export function parseDockerManifest(data: Uint8Array, subject: string): DockerImage[] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(data).toString('utf8'));
  } catch (cause) {
    throw new OciError('OCI_INVALID', subject, 'it is no JSON. Save the image again.', { cause });
  }
  const isText = (each: unknown): boolean => typeof each === 'string';
  const isImage = (each: unknown): boolean =>
    isObject(each) &&
    isText(each.Config) &&
    Array.isArray(each.Layers) &&
    each.Layers.every(isText) &&
    (each.RepoTags == null || (Array.isArray(each.RepoTags) && each.RepoTags.every(isText)));
  if (Array.isArray(value) && value.every(isImage)) return value as DockerImage[];
  throw new OciError('OCI_INVALID', subject, 'it is no list of images with Config and Layers. Save the image again.');
}

function parseObject(data: Uint8Array, subject: string): Fields {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    if (isObject(value)) return value;
  } catch (cause) {
    throw new OciError('OCI_INVALID', subject, 'it is no JSON. Copy the image again.', { cause });
  }
  throw new OciError('OCI_INVALID', subject, 'it is no JSON object. Copy the image again.');
}

function versionIssues({ schemaVersion }: Fields): string[] {
  return schemaVersion === 2 ? [] : [`schemaVersion is ${JSON.stringify(schemaVersion)}, expected 2`];
}

function descriptorsIssues(value: unknown, place: string): string[] {
  if (!Array.isArray(value)) return [`${place} is no list`];
  return value.flatMap((each: unknown, at) => descriptorIssues(each, `${place}[${at}]`));
}

function descriptorIssues(value: unknown, place: string): string[] {
  if (!isObject(value)) return [`${place} is no descriptor`];
  const { mediaType, digest, size } = value as Partial<Record<keyof Descriptor, unknown>>;
  return [
    ...(typeof mediaType === 'string' ? [] : [`${place}.mediaType is no text`]),
    ...(typeof digest === 'string' && DIGEST.test(digest) ? [] : [`${place}.digest is no sha256 digest`]),
    ...(typeof size === 'number' && Number.isSafeInteger(size) && size >= 0 ? [] : [`${place}.size is no size`]),
  ];
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(subject: string, issues: readonly string[]): void {
  if (issues.length > 0) throw new OciError('OCI_INVALID', subject, [...issues, 'Copy the image again.']);
}
