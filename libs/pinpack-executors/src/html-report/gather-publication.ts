// Gathers the data of a publication. Needs no lock: a publication has an SBOM.
import { cacheFolder, IndexClient, readIndexConfiguration } from '@pinpack/python-dist';
import type { Publications } from '@pinpack/publication';
import { setLabel } from '@pinpack/rpm-packaging';
import { PinpackError } from '../pinpack-error.js';
import { openConfigured } from '../publishing/open-configured.js';
import { auditPins } from '../vulnerabilities/audit-set.js';
import { limitsOf } from '../workspace/plugin-options.js';
import { describePublication, fileOf, parseSbom, pinsOfSbom, type Sbom } from './describe-publication.js';
import { useAudit } from './gather-set.js';
import type { SetData } from './page-data.js';
import { describeIndexFacts, readIndex, type IndexFacts } from './read-index.js';
import { readPublishedFacts, type PublishedFacts } from './read-published.js';
import { OFFLINE, type GatherRequest } from './request.js';
import { Sources } from './sources.js';

const SBOM_LIMIT = 64 << 20;

/**
 * @param id - of the publication, or `latest`
 * @throws PinpackError `PINPACK_RELEASE_UNKNOWN`, `PINPACK_SBOM_INVALID`, `PINPACK_PUBLISH_MISSING`. @throws StoreError
 */
export async function gatherPublication(request: GatherRequest, id: string): Promise<SetData> {
  const { set, options, environment } = request;
  const label = setLabel(set);
  const { publication } = await openConfigured(options, environment);
  const [shown, ...before] = await readPublishedFacts(publication, label, id);
  if (shown === undefined)
    throw new PinpackError('PINPACK_RELEASE_UNKNOWN', `${publication.location}/${label}`, [
      'nothing is published',
      `Publish it: nx run ${label}:publish`,
    ]);
  const sources = new Sources();
  sources.found.push({ name: 'publication', isMissing: false, text: `${shown.id} at ${publication.location}` });
  const [sbom, ...applications] = await readSboms(publication, label, shown);
  const pins = pinsOfSbom(sbom).map(({ name, version = '' }) => ({ name, version }));
  const audit = await useAudit(sources, request, () => auditPins({ ...request, pins, indexes: undefined }));
  return {
    ...describePublication({
      ...{ set, label, location: publication.location, published: [shown, ...before], sbom, applications },
      index: await useIndex(sources, request, sbom),
      vulnerabilities: audit?.vulnerabilities ?? [],
    }),
    sources: sources.found,
  };
}

/** The SBOM of the reqset, and those of its applications. */
async function readSboms(
  publication: Publications,
  label: string,
  { id, sizes }: PublishedFacts,
): Promise<[Sbom, ...Sbom[]]> {
  const read = async (path: string): Promise<Sbom> => {
    const subject = `${publication.location}/${label}/releases/${id}/${path}`;
    const bytes = await publication.readFile(label, id, path, SBOM_LIMIT);
    if (bytes !== undefined) return parseSbom(bytes, subject);
    throw new PinpackError('PINPACK_SBOM_INVALID', subject, [
      'the publication has no SBOM',
      'It was made by a version of pinpack without SBOMs. Publish again.',
    ]);
  };
  const own = `sbom/${label}.cdx.json`;
  const others = [...sizes.keys()].filter(
    (path) => path.startsWith(`sbom/${label}-`) && path.endsWith('.cdx.json') && path !== own,
  );
  return [await read(own), ...(await Promise.all(others.map(read)))];
}

async function useIndex(
  sources: Sources,
  { root, options, environment, isOffline }: GatherRequest,
  sbom: Sbom,
): Promise<ReadonlyMap<string, IndexFacts> | undefined> {
  if (isOffline) {
    sources.skip('index', OFFLINE);
    return undefined;
  }
  return sources.use('index', async () => {
    const cache = cacheFolder(environment);
    const index = IndexClient.of(await readIndexConfiguration(root), { limits: limitsOf(options), root, cache });
    const pins = pinsOfSbom(sbom).map((component) => ({ name: component.name, file: fileOf(component) }));
    return describeIndexFacts(await readIndex(index, { pins, known: new Set() }));
  });
}
