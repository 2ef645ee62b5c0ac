// Gathers the data of a set of the workspace.
import { cacheFolder, IndexClient, readIndexConfiguration, Uv, type Lock, type LockInputs } from '@pinpack/python-dist';
import { setLabel } from '@pinpack/rpm-packaging';
import { openConfigured } from '../publishing/open-configured.js';
import { auditSet, type Audit } from '../vulnerabilities/audit-set.js';
import { limitsOf } from '../workspace/plugin-options.js';
import { readLockInputs } from '../workspace/read-lock-inputs.js';
import { readLock } from '../workspace/read-lock.js';
import { describeSet } from './describe-set.js';
import type { SetData } from './page-data.js';
import { readBuilt, type BuiltFacts } from './read-built.js';
import { describeIndexFacts, indexFileOf, readIndex, readNewest, type IndexFacts } from './read-index.js';
import { readPublishedFacts, type PublishedFacts } from './read-published.js';
import { OFFLINE, type GatherRequest } from './request.js';
import { Sources } from './sources.js';

/** @throws PinpackError `PINPACK_LOCK_MISSING`. @throws DistError `DIST_LOCK_INVALID` */
export async function gatherSet(request: GatherRequest): Promise<SetData> {
  const { root, set, options, runs } = request;
  const lock = readLock(root, set);
  const inputs = await readLockInputs(root, set);
  const sources = new Sources();
  const built = await useBuilt(sources, request, lock);
  const { index, newest } = await useIndex(sources, request, { lock, inputs, built });
  const audit = await useAudit(sources, request, () => auditSet(request));
  const published = await usePublished(sources, request);
  sources.found.push({ name: 'runs', isMissing: runs.reports.length === 0, text: runs.text });
  return {
    ...describeSet({
      ...{ set, lock, requirements: inputs.requirements, policy: options.licenses },
      ...{ built, index, newest, published },
      vulnerabilities: audit?.vulnerabilities ?? [],
      durations: runs.durations,
    }),
    sources: sources.found,
  };
}

function useBuilt(
  sources: Sources,
  { root, set }: GatherRequest,
  { packages }: Lock,
): Promise<ReadonlyMap<string, BuiltFacts> | undefined> {
  return sources.use('built', async () => {
    const { facts, wheels, rpms, deltas } = await readBuilt(root, set, packages);
    const text = `${wheels} wheels, ${rpms} RPMs and deltas of ${deltas} RPMs, of ${packages.length} pins`;
    return wheels + rpms === 0 ? { text: `nothing is built: nx run ${setLabel(set)}:rpm` } : { value: facts, text };
  });
}

interface IndexPart {
  lock: Lock;
  inputs: LockInputs;
  built: ReadonlyMap<string, BuiltFacts> | undefined;
}

async function useIndex(
  sources: Sources,
  { root, options, environment, isOffline }: GatherRequest,
  { lock, inputs, built }: IndexPart,
): Promise<{ index: ReadonlyMap<string, IndexFacts> | undefined; newest: ReadonlyMap<string, string> | undefined }> {
  if (isOffline) {
    sources.skip('index', OFFLINE);
    return { index: undefined, newest: undefined };
  }
  const configuration = await readIndexConfiguration(root);
  const client = IndexClient.of(configuration, { limits: limitsOf(options), root, cache: cacheFolder(environment) });
  const tools = { index: client.assigning(inputs.indexes) };
  const known = new Set([...(built ?? [])].flatMap(([name, { links }]) => (links === undefined ? [] : [name])));
  const index = await sources.use('index', async () => {
    const pins = lock.packages.map((pin) => ({ name: pin.name, file: indexFileOf(pin) }));
    return describeIndexFacts(await readIndex(tools.index, { pins, known }));
  });
  if (index === undefined) return { index, newest: undefined };
  const newest = await sources.use('newer versions', async () => {
    const fromIndex = lock.packages.filter((pin) => indexFileOf(pin) !== undefined);
    const value = await readNewest(lock, fromIndex, { ...tools, uv: await Uv.find(root) });
    return { value, text: `${value.size} of ${fromIndex.length} pins have newer versions` };
  });
  return { index, newest };
}

/** Without a network, only OSV data of the machine are read. */
export async function useAudit(
  sources: Sources,
  { isOffline, options, environment }: GatherRequest,
  audit: () => Promise<Audit>,
): Promise<Audit | undefined> {
  const osv = environment.PINPACK_OSV ?? options.audit?.osv;
  const isLocal = osv !== undefined && osv !== '' && !osv.includes('://') && options.audit?.index !== true;
  if (isOffline && !isLocal) {
    sources.skip('vulnerabilities', OFFLINE);
    return undefined;
  }
  return sources.use('vulnerabilities', async () => {
    const value = await audit();
    const lines = [...value.sources, ...value.warnings];
    return { value, text: lines.join('; ') };
  });
}

async function usePublished(
  sources: Sources,
  { set, options, environment, isOffline }: GatherRequest,
): Promise<PublishedFacts | undefined> {
  if (isOffline) {
    sources.skip('publication', OFFLINE);
    return undefined;
  }
  return sources.use('publication', async () => {
    const { publication } = await openConfigured(options, environment);
    const [value] = await readPublishedFacts(publication, setLabel(set), 'latest');
    return value === undefined
      ? { text: `nothing is published at ${publication.location}` }
      : { value, text: `${value.id} at ${publication.location}` };
  });
}
