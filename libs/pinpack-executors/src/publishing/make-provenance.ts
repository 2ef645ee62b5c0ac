// Makes the provenance of a publication from its files, the lock and the build.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { publishedBytes, type PublishedFile } from '@pinpack/publication';
import { codeDigests } from '@pinpack/rpm-packaging';
import { repositoryCodeDigest, type Signer } from '@pinpack/rpm-repo';
import type { PublishableRpm } from '../repository/read-packages.js';
import { ownVersion } from '../workspace/own-version.js';
import { readLock } from '../workspace/read-lock.js';
import { reqsetPaths } from '../workspace/workspace-paths.js';
import { formatProvenance, PROVENANCE, type Subject } from './provenance-statement.js';

export interface MakeProvenanceRequest {
  root: string;
  set: string;
  vendor: string;
  /** URI of the builder. */
  builder: string;
  signer: Signer | undefined;
  files: readonly PublishedFile[];
  packages: readonly PublishableRpm[];
}

/** What gets installed, and the metadata that leads to it. */
const SUBJECTS = /^(?:packages\/.*\.rpm|drpms\/.*\.drpm|patches\/.*\.patch|wheels\/.*\.whl|repodata\/repomd\.xml)$/;

/** The statement and its signature. The detached OpenPGP signature is verified with the key and the program that dnf's users have: gpg. */
export async function makeProvenance(request: MakeProvenanceRequest): Promise<PublishedFile[]> {
  const { root, set, vendor, builder, signer } = request;
  const path = reqsetPaths(set).lock;
  const text = formatProvenance({
    ...{ set, vendor, lock: readLock(root, set), subjects: subjectsOf(request) },
    lockFile: { path, sha256: sha256Of(readFileSync(join(root, path))) },
    code: { ...codeDigests(), repository: repositoryCodeDigest() },
    builder: { id: builder, version: { pinpack: ownVersion(), node: process.versions.node } },
  });
  const statement = publishedBytes(PROVENANCE, text);
  if (signer === undefined) return [statement];
  return [statement, publishedBytes(`${PROVENANCE}.asc`, await signer.signArmored(Buffer.from(text)))];
}

function subjectsOf({ files, packages }: MakeProvenanceRequest): Subject[] {
  const rpms = new Map(packages.map((each) => [each.file, each]));
  return files
    .filter(({ path }) => SUBJECTS.test(path))
    .map(({ path, sha256 }) => {
      const rpm = rpms.get(path);
      if (rpm === undefined) return { path, sha256 };
      const { name, evr, unsigned, pin } = rpm;
      const carried = pin === undefined ? {} : { pin: pin.name, version: pin.version };
      return { path, sha256, annotations: { rpm: name, evr, unsigned, ...carried } };
    });
}
