/**
 * prestodelta.xml: which delta makes which RPM of which installed one. createrepo_c writes one too, but can't read the deltas of RPMs without compression,
 * so this package writes it for all. Pure.
 */
import { parseEvr } from '@pinpack/rpm-gen';
import { escapeXml } from './xml.js';

export interface PublishedDelta {
  /** Of the package: `reqset3-wheel-numpy`, `x86_64` */
  name: string;
  architecture: string;
  /** `[epoch:]version-release` */
  oldEvr: string;
  newEvr: string;
  /** In the repository: `drpms/….drpm` */
  file: string;
  size: number;
  sha256: string;
  sequence: string;
}

/** `numpy-2.4.5-1_2.4.6-1.x86_64.drpm`, as createrepo_c calls it. */
export function deltaFileName({
  name,
  architecture,
  oldEvr,
  newEvr,
}: Pick<PublishedDelta, 'name' | 'architecture' | 'oldEvr' | 'newEvr'>): string {
  const withoutEpoch = (evr: string) => evr.replace(/^\d+:/, '');
  return `${name}-${withoutEpoch(oldEvr)}_${withoutEpoch(newEvr)}.${architecture}.drpm`;
}

/** Sorted, so that the same deltas give the same text. */
export function formatPrestodelta(deltas: readonly PublishedDelta[]): string {
  const packages = new Map<string, PublishedDelta[]>();
  for (const delta of [...deltas].sort((a, b) => (a.file < b.file ? -1 : 1))) {
    const key = `${delta.name} ${delta.newEvr} ${delta.architecture}`;
    packages.set(key, [...(packages.get(key) ?? []), delta]);
  }
  const lines = [...packages.values()].flatMap(packageLines);
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<prestodelta>', ...lines, '</prestodelta>', ''].join('\n');
}

function packageLines(deltas: readonly PublishedDelta[]): string[] {
  const [first] = deltas;
  if (first === undefined) return [];
  const { name, architecture, newEvr } = first;
  const identity = `name="${escapeXml(name)}" ${evrAttributes(newEvr, '')} arch="${architecture}"`;
  return [`  <newpackage ${identity}>`, ...deltas.flatMap(deltaLines), '  </newpackage>'];
}

function deltaLines({ oldEvr, file, sequence, size, sha256 }: PublishedDelta): string[] {
  return [
    `    <delta ${evrAttributes(oldEvr, 'old')}>`,
    `      <filename>${escapeXml(file)}</filename>`,
    `      <sequence>${escapeXml(sequence)}</sequence>`,
    `      <size>${size}</size>`,
    `      <checksum type="sha256">${sha256}</checksum>`,
    '    </delta>',
  ];
}

function evrAttributes(evr: string, prefix: string): string {
  const { epoch = 0, version, release = '' } = parseEvr(evr);
  return `${prefix}epoch="${epoch}" ${prefix}version="${escapeXml(version)}" ${prefix}release="${escapeXml(release)}"`;
}
