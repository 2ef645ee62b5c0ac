// Composes the files of a publication: the dnf repository, the wheels of the lock, a simple index of the wheels, SBOMs and provenance.
import { PUBLIC_KEY, RECORD, type Signer } from '@pinpack/rpm-repo';
import { join } from 'node:path';
import { publishedBytes, publishedFile, type PublishedFile } from '@pinpack/publication';
import { simplePages } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { repositoryPaths } from '../repository/repository-paths.js';
import { setLabel } from '@pinpack/rpm-packaging';
import { checkLicenses } from '../licensing/check-licenses.js';
import { readDistributions } from '../sbom/read-distributions.js';
import type { LicensesOptions } from '../workspace/plugin-options.js';
import { listFiles } from '../workspace/files.js';
import { readLock } from '../workspace/read-lock.js';
import { readPackages } from '../repository/read-packages.js';
import { checkRepository } from './check-repository.js';
import { makeProvenance } from './make-provenance.js';
import { makePublishedSboms } from './published-sboms.js';
import { reproduceRpms } from './reproduce-rpms.js';
import { readWheels, type PublishedWheel } from './read-wheels.js';
import { formatWheelList, WHEEL_LIST } from './wheel-list.js';

export interface ComposedPublication {
  files: PublishedFile[];
  /** The public key; undefined if the repository is not signed. */
  key: PublishedFile | undefined;
}

/** From a project's page to the wheels of its own publication. */
const WHEELS_OF_PUBLICATION = '../../wheels';

export interface ComposeRequest {
  root: string;
  /** `reqset3`, `multi/py311` */
  set: string;
  vendor: string;
  /** URI of the builder, for the provenance. */
  builder: string;
  signer: Signer | undefined;
  /** Whether the RPMs are packed again and compared. */
  reproduce: boolean;
  /** The licence policy; undefined: all are allowed. */
  licenses?: LicensesOptions | undefined;
  /** Of the patches, in MiB. */
  patchBudget: number;
}

/** @throws PinpackError `PINPACK_NOT_BUILT`, `PINPACK_LOCK_MISSING`, `PINPACK_LICENSE_REFUSED`, `PINPACK_RPM_DIFFERS`, `PINPACK_REPOSITORY_DIFFERS`. @throws RepoError */
export async function composePublication(request: ComposeRequest): Promise<ComposedPublication> {
  const { root, set, signer } = request;
  const repository = await readRepository(root, set);
  const packages = await readPackages({ root, set, signer, previous: undefined });
  await checkRepository({ ...request, files: repository, packages });
  const lock = readLock(root, set);
  const distributions = await readDistributions(root, set, lock.packages);
  if (request.licenses !== undefined) checkLicenses(set, request.licenses, { lock, distributions });
  const wheels = await readWheels(root, set, lock);
  if (request.reproduce) await reproduceRpms({ ...request, packages });
  const files = [
    ...repository,
    ...filesOfWheels(wheels),
    ...(await makePublishedSboms({ set, lock, distributions, signer, packages })),
  ];
  return {
    files: [...files, ...(await makeProvenance({ ...request, files, packages }))],
    key: repository.find(({ path }) => path === PUBLIC_KEY),
  };
}

/** The wheels, their list, and their index. */
export function filesOfWheels(wheels: readonly PublishedWheel[]): PublishedFile[] {
  const listed = wheels.map((wheel) => wheel.listed);
  const pages = simplePages(listed.map((wheel) => ({ ...wheel, folder: WHEELS_OF_PUBLICATION })));
  return [
    ...wheels.flatMap(({ files }) => files),
    publishedBytes(WHEEL_LIST, formatWheelList(listed)),
    ...pages.map(({ path, content, contentType }) => publishedBytes(path, content, contentType)),
  ];
}

async function readRepository(root: string, set: string): Promise<PublishedFile[]> {
  const { repository: folder } = repositoryPaths(set);
  const paths = await listFiles(join(root, folder));
  if (!paths.includes(RECORD) || !paths.includes('repodata/repomd.xml')) {
    throw new PinpackError('PINPACK_NOT_BUILT', folder, [
      'does not contain a repository to publish',
      `Make it: nx run ${setLabel(set)}:repo`,
    ]);
  }
  const files: PublishedFile[] = [];
  for (const path of paths) files.push(await publishedFile(path, join(root, folder, path)));
  return files;
}
