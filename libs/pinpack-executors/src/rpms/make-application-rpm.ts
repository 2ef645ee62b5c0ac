// Makes the RPM of an application in dist/rpms: restores it from the store or packs it.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { digest } from '@pinpack/common/digest';
import { pruneOthers } from '@pinpack/common/prune-others';
import { type Store } from '@pinpack/build-store';
import {
  compareVersions,
  parseVersion,
  parseWheelFileName,
  type ClosureMember,
  type IndexClient,
} from '@pinpack/python-dist';
import {
  applicationProject,
  applicationRpmFileName,
  applicationRpmKey,
  codeDigest,
  deliveredFiles,
  packApplicationRpm,
  parseCanonicalFacts,
  readRuntimeVersion,
  rpmPattern,
  wheelProject,
  type ApplicationRequest,
  type ApplicationRpmRequest,
  type CanonicalFacts,
} from '@pinpack/rpm-packaging';
import { checkOverlaps, overlapCheckDigest } from '../overlaps/check-overlaps.js';
import { PinpackError } from '../pinpack-error.js';
import { makeOnce } from '../tasks/make-once.js';
import { restoreOutput, type Output } from '../tasks/restore-output.js';
import { writeRpmDigest } from './rpm-digest.js';
import { readIfThere } from '../workspace/files.js';
import { APPS, canonicalFactsFile, reqsetPaths, rpmDigestFile } from '../workspace/workspace-paths.js';

export interface MakeApplicationRpmOptions {
  root: string;
  request: ApplicationRequest;
  vendor: string;
  store: Store | undefined;
  /** Opens the index, for wheels that are not on this machine. */
  openIndex?: () => Promise<IndexClient>;
}

/** The attachment with the digest of the check for overlaps that the RPM has passed. Whoever can forge it can forge the RPM. */
const CHECKED = 'checked';

/** @throws DistError, RpmError, PackagingError, PinpackError */
export async function makeApplicationRpm(options: MakeApplicationRpmOptions): Promise<Output> {
  const { root, request, vendor, store, openIndex } = options;
  const { reqset, application } = request;
  const facts = new Map(application.wheels.map((member) => [member.name, readFacts(root, reqset, member)]));
  const inputs = await applicationInputs({ root, request, vendor, facts });
  const folder = join(root, reqsetPaths(reqset).rpms);
  const fileName = applicationRpmFileName(reqset, application);
  const path = join(folder, fileName);
  const key = applicationRpmKey({ code: codeDigest('application-rpm'), ...inputs });
  const checked = overlapCheckDigest(request);
  const accepts = (record: { fileName: string }): boolean => record.fileName === fileName;
  const beforeRestoring = async ({ attachments }: { attachments: Record<string, string> }): Promise<void> => {
    if (attachments[CHECKED] !== checked) await checkOverlaps(root, request, openIndex);
  };
  const project = applicationProject(reqset, application.name);
  const wanted = { kind: 'rpm', key, task: `${project}:rpm`, folder, accepts, beforeRestoring } as const;
  const { sha256, isRestored } = await makeOnce({
    ...{ store, kind: 'rpm', key },
    restore: async () => {
      const record = await restoreOutput(store, wanted);
      return record && { sha256: record.sha256, isRestored: true };
    },
    make: async () => {
      const attachments = (await checkOverlaps(root, request, openIndex)) ? { [CHECKED]: checked } : {};
      const { chunks, size } = await packApplicationRpm(inputs);
      await writeFileAtomically(path, chunks);
      const made = digest('sha256', ...chunks).toString('hex');
      await store?.put({ kind: 'rpm', key, fileName, attachments }, path, { content: { size, sha256: made } });
      return { sha256: made, isRestored: false };
    },
  });
  await writeRpmDigest(root, rpmDigestFile(reqset, project), { file: fileName, sha256 });
  await pruneOthers(folder, fileName, rpmPattern(project));
  return { path, size: (await stat(path)).size, isRestored };
}

/** What the bytes of an application's RPM depend on. @param facts - of the canonical wheels, by the names of the pins */
export async function applicationInputs({
  root,
  request,
  vendor,
  facts,
}: Pick<MakeApplicationRpmOptions, 'root' | 'request' | 'vendor'> & {
  facts: Map<string, CanonicalFacts>;
}): Promise<ApplicationRpmRequest> {
  return {
    ...{ request, vendor, facts },
    runtime: await readRuntimeVersion(),
    delivered: await readDelivered(root, request),
  };
}

/** The facts of the pin's last RPM; another version means that the RPM was not made in this run. */
function readFacts(root: string, reqset: string, { name, version }: ClosureMember): CanonicalFacts {
  const file = canonicalFactsFile(reqset, name);
  const facts = parseCanonicalFacts(readIfThere(join(root, file)), file, wheelProject(reqset, name));
  const found = parseWheelFileName(facts.wheel).version;
  if (compareVersions(parseVersion(found), parseVersion(version)) === 0) return facts;
  throw new PinpackError('PINPACK_CANONICAL_FACTS', file, [
    `is of ${name} ${found}, expected ${version} as in the lock`,
    `Make it again: nx run ${wheelProject(reqset, name)}:rpm --skip-nx-cache`,
  ]);
}

async function readDelivered(
  root: string,
  { application, settings }: ApplicationRequest,
): Promise<Map<string, Buffer>> {
  const folder = `${APPS}/${application.name}`;
  const read = await Promise.all(
    deliveredFiles(settings).map(async (source) => {
      const content = await readFile(join(root, folder, source)).catch((cause: unknown) => cause as Error);
      return [source, content] as const;
    }),
  );
  const missing = read.filter(([, content]) => content instanceof Error);
  if (missing.length > 0) {
    throw new PinpackError(
      'PINPACK_APPLICATION_FILE',
      `${folder}/pyproject.toml`,
      missing.map(([source, content]) => `[tool.pinpack] lists ${source}, which cannot be read: ${String(content)}`),
    );
  }
  return new Map(read.flatMap(([source, content]) => (content instanceof Error ? [] : [[source, content] as const])));
}
