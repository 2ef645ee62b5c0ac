// Compares the repository in dist/repo with the RPMs of the lock before it is published: it was made by an earlier task, and may have been written to since.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PublishedFile } from '@pinpack/publication';
import {
  checkMetadata,
  parseRepositoryRecord,
  RECORD,
  verifyDetached,
  type RepositoryRecord,
  type Signer,
} from '@pinpack/rpm-repo';
import { PinpackError } from '../pinpack-error.js';
import { readDeltas } from '../repository/read-deltas.js';
import { readPatches } from '../repository/read-patches.js';
import type { PublishableRpm } from '../repository/read-packages.js';
import { repositoryPaths } from '../repository/repository-paths.js';
import { REPOMD } from './published-repomd.js';

export interface CheckRequest {
  root: string;
  set: string;
  signer: Signer | undefined;
  /** Of the repository. */
  files: readonly PublishedFile[];
  /** The RPMs of the lock as they are signed. */
  packages: readonly PublishableRpm[];
  /** Of the patches, in MiB. */
  patchBudget: number;
}

/** @throws PinpackError `PINPACK_REPOSITORY_DIFFERS` with every difference. @throws RepoError `REPO_METADATA_DIFFERS` */
export async function checkRepository(request: CheckRequest): Promise<void> {
  const { root, set, signer, files, packages } = request;
  const { repository, label } = repositoryPaths(set);
  const folder = join(root, repository);
  const record = parseRepositoryRecord(await readFile(join(folder, RECORD), 'utf8'), join(repository, RECORD));
  const deltas = readDeltas(root, set, packages);
  const patches = readPatches(root, set, { packages, budget: request.patchBudget });
  const problems = [
    ...fileProblems(files, [...packages, ...deltas, ...patches]),
    ...recordProblems(record, packages, signer),
    ...(signer === undefined ? [] : await signatureProblems(folder, signer)),
  ];
  if (problems.length > 0) {
    throw new PinpackError('PINPACK_REPOSITORY_DIFFERS', repository, [
      'is not the repository of the RPMs in dist/rpms; nothing was published',
      ...problems,
      `If nobody else wrote to it, make it again: rm -r ${repository}; nx run ${label}:repo`,
    ]);
  }
  await checkMetadata(folder, { packages, deltas, patches, advisories: record.advisories });
}

type Expected = Pick<PublishableRpm, 'file' | 'sha256'>;

function* fileProblems(files: readonly PublishedFile[], expected: readonly Expected[]): Generator<string> {
  const found = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  for (const { file, sha256 } of expected) {
    const digest = found.get(file);
    if (digest === undefined) yield `${file} is missing`;
    else if (digest !== sha256) yield `${file} has sha256 ${digest}, expected ${sha256}`;
  }
  const known = new Set(expected.map(({ file }) => file));
  for (const { path } of files)
    if (/^(?:packages|drpms|patches)\//.test(path) && !known.has(path))
      yield `${path} is not an RPM of the lock, or no delta or patch of one`;
}

function* recordProblems(
  { key, packages: recorded }: RepositoryRecord,
  packages: readonly PublishableRpm[],
  signer: Signer | undefined,
): Generator<string> {
  if (key !== signer?.fingerprint)
    yield `it was signed by ${key ?? 'no key'}, expected ${signer?.fingerprint ?? 'no key'}`;
  const line = ({
    name,
    evr,
    architecture,
    file,
    sha256,
    unsigned,
  }: Omit<PublishableRpm, 'rpm' | 'closure' | 'links'>) => [name, evr, architecture, file, sha256, unsigned].join(' ');
  const lines = new Set(recorded.map(line));
  for (const each of packages)
    if (!lines.delete(line(each))) yield `${RECORD} lacks ${each.file} with sha256 ${each.sha256}`;
  for (const other of lines) yield `${RECORD} has ${other}, which was not expected`;
}

async function signatureProblems(folder: string, { publicKey, fingerprint }: Signer): Promise<string[]> {
  const signature = await readFile(join(folder, `${REPOMD}.asc`), 'utf8').catch(() => '');
  const verified = verifyDetached(publicKey, await readFile(join(folder, REPOMD)), signature);
  if (verified.fingerprint === fingerprint && verified.problem === undefined) return [];
  return [`the signature of ${REPOMD} is not one by ${fingerprint}: ${verified.problem ?? 'it is by another key'}`];
}
