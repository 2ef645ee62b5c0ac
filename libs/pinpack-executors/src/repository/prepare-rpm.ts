// Prepares RPMs for publication: compares them with the lock and with the digests of their tasks, signs them if a key is configured, and keeps the signed files
// in a cache.
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { digest } from '@pinpack/common/digest';
import {
  inspectPackageFile,
  signPackageFile,
  type ExpectedPackage,
  type PackageFile,
  type Signer,
} from '@pinpack/rpm-repo';
import { PinpackError } from '../pinpack-error.js';
import { readRpmDigest } from '../rpms/rpm-digest.js';
import type { SetRpm } from '../rpms/set-rpms.js';
import { listFiles, listFolder } from '../workspace/files.js';
import { repositoryPaths } from './repository-paths.js';

export interface PreparedRpm {
  path: string;
  facts: PackageFile;
  /** sha256 of the RPM before it was signed, in hex. */
  unsigned: string;
}

export interface PrepareRequest {
  root: string;
  set: string;
  rpm: SetRpm;
  signer: Signer | undefined;
}

/**
 * Nothing is signed before it has been compared. Each set has a cache of signed files, which are verified before they are used again: they must have the header
 * of the unsigned RPM and a signature of the key.
 *
 * @throws RpmError, RepoError. @throws PinpackError `PINPACK_RPM_DIFFERS`
 */
export async function prepareRpm({ root, set, rpm, signer }: PrepareRequest): Promise<PreparedRpm> {
  const path = join(root, rpm.file);
  const facts = await readUnsigned(root, rpm);
  const { sha256: unsigned, headerSha256 } = facts;
  if (signer === undefined) return { path, facts, unsigned };
  const { name, evr, architecture } = facts;
  const expected: ExpectedPackage = { name, evr, architecture, headerSha256, signedBy: signer };
  const folder = join(root, repositoryPaths(set).signed, signer.fingerprint);
  const known = await findSigned(folder, unsigned, expected);
  if (known !== undefined) return { ...known, unsigned };
  const chunks = await signPackageFile(path, signer.sign);
  const signed = join(folder, `${unsigned}-${digest('sha256', ...chunks).toString('hex')}.rpm`);
  await writeFileAtomically(signed, chunks);
  // The file may have changed since it was compared.
  const made = await inspectPackageFile(signed, expected);
  if (made.problems.length === 0) return { path: signed, facts: made.facts, unsigned };
  await rm(signed, { force: true });
  throw differs(rpm, made.problems);
}

/** @throws PinpackError `PINPACK_RPM_DIFFERS` */
async function readUnsigned(root: string, rpm: SetRpm): Promise<PackageFile> {
  const { name, evr, architecture, project, digest: digestFile } = rpm;
  const { file, sha256 } = readRpmDigest(root, digestFile, project);
  const expected: ExpectedPackage = { name, evr, architecture, sha256, signedBy: undefined };
  const { facts, problems } = await inspectPackageFile(join(root, rpm.file), expected);
  const fileName = basename(rpm.file);
  const ownName = `${facts.name}-${facts.evr.replace(/^\d+:/, '')}.${facts.architecture}.rpm`;
  const all = [
    ...problems,
    ...(file === fileName ? [] : [`the digest in ${digestFile} is of ${file}`]),
    ...(ownName === fileName ? [] : [`by its header, it is ${ownName}`]),
  ];
  if (all.length === 0) return facts;
  throw differs(rpm, all);
}

function differs({ file, project }: SetRpm, problems: readonly string[]): PinpackError {
  return new PinpackError('PINPACK_RPM_DIFFERS', file, [
    'is not the RPM that its task made for the lock, and is not signed or published',
    ...problems,
    `If nobody else replaced it, build it again: nx run ${project}:rpm --skip-nx-cache`,
  ]);
}

async function findSigned(
  folder: string,
  unsigned: string,
  expected: ExpectedPackage,
): Promise<Omit<PreparedRpm, 'unsigned'> | undefined> {
  const names = (await listFolder(folder)).filter((name) => name.startsWith(`${unsigned}-`));
  for (const name of names) {
    const path = join(folder, name);
    const found = await inspectPackageFile(path, expected).catch(() => undefined);
    const isNamed = found !== undefined && name === `${unsigned}-${found.facts.sha256}.rpm`;
    if (isNamed && found.problems.length === 0) return { path, facts: found.facts };
    await rm(path, { force: true });
  }
  return undefined;
}

/** Removes all other signed RPMs of a set, including those of other keys. */
export async function pruneSigned(root: string, set: string, kept: readonly PreparedRpm[]): Promise<void> {
  const folder = join(root, repositoryPaths(set).signed);
  const names = new Set(kept.map(({ path }) => basename(path)));
  const others = (await listFiles(folder)).filter((path) => !names.has(basename(path)));
  await Promise.all(others.map((path) => rm(join(folder, path), { force: true })));
}
