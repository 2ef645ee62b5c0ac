// The target `rpm` of an application: a small RPM that requires its closure, and whose scriptlets make the environment from it.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically, type Store } from '@pinpack/build-store';
import { compareVersions, parseVersion, parseWheelFileName, type ClosureMember } from '@pinpack/python-dist';
import { encodeRpm, fileName, packPayload, type RpmSpec } from '@pinpack/rpm-gen';
import { applicationEntries } from '../../application/entries.js';
import { planManifest } from '../../application/manifest.js';
import { planApplicationRpm } from '../../application/plan-application-rpm.js';
import type { ApplicationOrder } from '../../application/read-application.js';
import { deliveredFiles } from '../../application/settings.js';
import { codeDigest } from '../../code-digest.js';
import { PinpackError } from '../../pinpack-error.js';
import { pruneOthers, rpmPattern } from '../../prune.js';
import { compressionOf } from '../../reqset/compression.js';
import { applicationProject, APPS, canonicalFactsFile, reqsetPlace, wheelProject } from '../../reqset/place.js';
import { readIfThere } from '../../reqset/read-lock.js';
import { parseCanonicalFacts, type CanonicalFacts } from '../../rpm/canonical-facts.js';
import { restoreOutput, type Output } from '../../store-key/restore.js';
import { applicationRpmKey } from '../../store-key/store-key.js';
import { readRuntimeVersion } from '../runtime-rpm/runtime-source.js';

export interface ApplicationRpmOrder {
  root: string;
  order: ApplicationOrder;
  vendor: string;
  store: Store | undefined;
}

/** @throws RpmError, PinpackError */
export async function makeApplicationRpm({ root, order, vendor, store }: ApplicationRpmOrder): Promise<Output> {
  const { reqset, application } = order;
  const facts = new Map(application.wheels.map((member) => [member.name, readFacts(root, reqset, member)]));
  const runtime = await readRuntimeVersion();
  const spec = planApplicationRpm(order, runtime, vendor);
  const delivered = await readDelivered(root, order);
  const folder = join(root, reqsetPlace(reqset).rpms);
  const path = join(folder, fileName(spec));
  const key = applicationRpmKey({ code: codeDigest(), order, vendor, runtime, facts, delivered });
  const accepts = (record: { fileName: string }): boolean => record.fileName === fileName(spec);
  const isRestored = (await restoreOutput(store, { kind: 'rpm', key, folder, accepts })) !== undefined;
  if (!isRestored) {
    await writeFileAtomically(path, await encodeApplication(order, spec, facts, delivered));
    await store?.put({ kind: 'rpm', key, fileName: fileName(spec), attachments: {} }, path);
  }
  await pruneOthers(folder, fileName(spec), rpmPattern(applicationProject(reqset, application.name)));
  return { path, size: (await stat(path)).size, isRestored };
}

async function encodeApplication(
  { reqset, application, settings }: ApplicationOrder,
  spec: RpmSpec,
  facts: ReadonlyMap<string, CanonicalFacts>,
  delivered: Map<string, Buffer>,
): Promise<Uint8Array[]> {
  const manifest = planManifest(reqset, application, settings.fill, facts);
  const entries = applicationEntries({ manifest, settings, summary: spec.summary, delivered });
  return encodeRpm(spec, await packPayload(entries, compressionOf(application))).chunks;
}

/** The file is of the pin's last RPM; one of another version means that the RPM was not made in this run. */
function readFacts(root: string, reqset: string, { name, version }: ClosureMember): CanonicalFacts {
  const file = canonicalFactsFile(reqset, name);
  const facts = parseCanonicalFacts(readIfThere(join(root, file)), file, wheelProject(reqset, name));
  const found = parseWheelFileName(facts.wheel).version;
  if (compareVersions(parseVersion(found), parseVersion(version)) === 0) return facts;
  throw new PinpackError('PINPACK_CANONICAL_FACTS', file, [
    `is of ${name} ${found}, locked is ${version}`,
    `Make it again: nx run ${wheelProject(reqset, name)}:rpm --skip-nx-cache`,
  ]);
}

async function readDelivered(root: string, { application, settings }: ApplicationOrder): Promise<Map<string, Buffer>> {
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
      missing.map(([source, content]) => `[tool.pinpack] names ${source}, which can't be read: ${String(content)}`),
    );
  }
  return new Map(read.flatMap(([source, content]) => (content instanceof Error ? [] : [[source, content] as const])));
}
