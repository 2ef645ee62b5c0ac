/**
 * Compares the finished metadata of a repository with what went in. createrepo_c leaves out packages that it cannot read or describe, and exits with 0:
 * dnf would never see them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  parseAdvisoryIds,
  parseDeltas,
  parsePackages,
  parseRepomd,
  readMetadataFile,
  type ListedPackage,
  type Repomd,
} from './read-metadata.js';
import { formatPatchIndex, PATCH_METADATA, type PublishedPatch } from './patches/patch-index.js';
import type { PublishedDelta } from './prestodelta.js';
import type { Advisory, PublishedPackage } from './record.js';
import { RepoError } from './repo-error.js';

export type DescribedPackage = Pick<PublishedPackage, 'name' | 'evr' | 'architecture' | 'file' | 'size' | 'sha256'>;

export interface ExpectedMetadata {
  packages: readonly DescribedPackage[];
  deltas: readonly PublishedDelta[];
  patches?: readonly PublishedPatch[];
  advisories: readonly Pick<Advisory, 'id'>[];
}

const LISTS = ['primary', 'filelists', 'other'];

/** @throws RepoError `REPO_METADATA_DIFFERS` with every difference */
export async function checkMetadata(folder: string, expected: ExpectedMetadata): Promise<Repomd> {
  const file = join(folder, 'repodata/repomd.xml');
  const text = await readFile(file, 'utf8');
  try {
    const repomd = parseRepomd(text);
    const problems = [...typeProblems(repomd, expected), ...(await contentProblems(folder, repomd, expected))];
    if (problems.length === 0) return repomd;
    throw differs(file, problems);
  } catch (error) {
    if (error instanceof RepoError) throw error;
    throw differs(file, [`cannot be read: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function differs(file: string, problems: readonly string[]): RepoError {
  return new RepoError('REPO_METADATA_DIFFERS', file, [
    'the metadata differs from the packages that went in',
    ...problems,
    'Nothing was published. An RPM that createrepo_c leaves out has a tag that it cannot write as XML: build the RPM again',
  ]);
}

/** Each file but the index of patches is offered as gzip and as zchunk, with the same content. */
function* typeProblems({ files }: Repomd, { deltas, patches = [], advisories }: ExpectedMetadata): Generator<string> {
  const both = [
    ...LISTS,
    ...(deltas.length > 0 ? ['prestodelta'] : []),
    ...(advisories.length > 0 ? ['updateinfo'] : []),
  ];
  const wanted = [...both.flatMap((type) => [type, `${type}_zck`]), ...(patches.length > 0 ? [PATCH_METADATA] : [])];
  const types = files.map(({ type }) => type);
  const missing = wanted.filter((type) => !types.includes(type));
  for (const type of missing) yield `${type} is missing`;
  for (const type of types.filter((each) => !wanted.includes(each))) yield `${type} was not expected`;
  for (const type of types.filter((each, index) => types.indexOf(each) !== index)) yield `${type} is listed twice`;
  for (const { type, openSha256 } of files) {
    const plain = files.find((each) => `${each.type}_zck` === type);
    if (plain !== undefined && plain.openSha256 !== openSha256) yield `${type} has another content than ${plain.type}`;
  }
}

async function contentProblems(folder: string, { files }: Repomd, expected: ExpectedMetadata): Promise<string[]> {
  const problems = files.map(async (each) => {
    if (each.type.endsWith('_zck')) return [];
    const read = await readMetadataFile(folder, each);
    return 'problem' in read ? [read.problem] : [...problemsOf(each.type, read.text, expected)];
  });
  return (await Promise.all(problems)).flat();
}

function* problemsOf(
  type: string,
  text: string,
  { packages, deltas, patches = [], advisories }: ExpectedMetadata,
): Generator<string> {
  if (LISTS.includes(type)) {
    const { count, packages: listed } = parsePackages(text);
    if (count !== packages.length || listed.length !== packages.length)
      yield `${type} lists ${listed.length} packages and counts ${count}, expected ${packages.length}`;
    yield* compare(
      type,
      packages.map((each) => lineOf(each, type)),
      listed.map((each) => lineOf(each, type)),
    );
  } else if (type === 'prestodelta') {
    const line = ({ name, architecture, oldEvr, newEvr, file, size, sha256, sequence }: PublishedDelta) =>
      [file, name, architecture, withoutZero(oldEvr), withoutZero(newEvr), size, sha256, sequence].join(' ');
    yield* compare(type, deltas.map(line), parseDeltas(text).map(line));
  } else if (type === 'updateinfo') {
    yield* compare(
      type,
      advisories.map(({ id }) => id),
      parseAdvisoryIds(text),
    );
  } else if (type === PATCH_METADATA && text !== formatPatchIndex(patches, packages)) {
    yield `${type} does not list the patches that were made`;
  }
}

/** Files and sizes are in primary only. */
function lineOf({ name, evr, architecture, sha256, file, size }: ListedPackage, type: string): string {
  const identity = `${name}-${withoutZero(evr)}.${architecture} with sha256 ${sha256}`;
  return type === 'primary' ? `${file ?? 'no file'} of ${size ?? 'no'} bytes: ${identity}` : identity;
}

/** In metadata, no epoch is an epoch of 0. */
function withoutZero(evr: string): string {
  return evr.replace(/^0:/, '');
}

function* compare(type: string, expected: readonly string[], found: readonly string[]): Generator<string> {
  const [wanted, listed] = [new Set(expected), new Set(found)];
  for (const line of wanted) if (!listed.has(line)) yield `${type} lacks ${line}`;
  for (const line of listed) if (!wanted.has(line)) yield `${type} has ${line}, which was not expected`;
  if (listed.size !== found.length) yield `${type} lists something twice`;
}
