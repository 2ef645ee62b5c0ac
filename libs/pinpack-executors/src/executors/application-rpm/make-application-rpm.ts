// The target `rpm` of an application: a small RPM that requires its closure, and whose scriptlets make the environment from it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@pinpack/build-store';
import { compareVersions, parseVersion, parseWheelFileName, type ClosureMember } from '@pinpack/python-dist';
import { encodeRpm, fileName, packPayload } from '@pinpack/rpm-gen';
import { applicationEntries } from '../../application/entries.js';
import { planManifest } from '../../application/manifest.js';
import { planApplicationRpm } from '../../application/plan-application-rpm.js';
import type { ApplicationOrder } from '../../application/read-application.js';
import { deliveredFiles } from '../../application/settings.js';
import { PinpackError } from '../../pinpack-error.js';
import { pruneOthers, rpmPattern } from '../../prune.js';
import { applicationProject, APPS, canonicalFactsFile, reqsetPlace, wheelProject } from '../../reqset/place.js';
import { readIfThere } from '../../reqset/read-lock.js';
import { parseCanonicalFacts, type CanonicalFacts } from '../../rpm/canonical-facts.js';
import { readRuntimeVersion } from '../runtime-rpm/runtime-source.js';

/** @returns the RPM's path and size in bytes. @throws RpmError, PinpackError */
export async function makeApplicationRpm(
  root: string,
  order: ApplicationOrder,
  vendor: string,
): Promise<{ path: string; size: number }> {
  const { reqset, application, settings } = order;
  const facts = new Map(application.wheels.map((member) => [member.name, readFacts(root, reqset, member)]));
  const manifest = planManifest(reqset, application, settings.fill, facts);
  const spec = planApplicationRpm(order, await readRuntimeVersion(), vendor);
  const delivered = await readDelivered(root, order);
  const entries = applicationEntries({ manifest, settings, summary: spec.summary, delivered });
  const { chunks, size } = encodeRpm(spec, await packPayload(entries, { kind: 'zstd', level: 3 }));
  const folder = join(root, reqsetPlace(reqset).rpms);
  const path = join(folder, fileName(spec));
  await writeFileAtomically(path, chunks);
  await pruneOthers(folder, fileName(spec), rpmPattern(applicationProject(reqset, application.name)));
  return { path, size };
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
