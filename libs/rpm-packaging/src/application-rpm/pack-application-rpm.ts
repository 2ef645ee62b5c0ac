// Packs an application RPM: a small RPM that requires its closure and whose scriptlets make the environment.
import { encodeRpm, fileName, packPayload } from '@pinpack/rpm-gen';
import { compressionOf } from '../names/payload-compression.js';
import type { CanonicalFacts } from '../wheel-rpm/canonical-facts.js';
import type { PackedRpm } from '../wheel-rpm/pack-wheel-rpm.js';
import { applicationEntries } from './application-entries.js';
import type { ApplicationRequest } from './application-request.js';
import { planManifest } from './manifest.js';
import { planApplicationRpm } from './plan-application-rpm.js';

export interface ApplicationRpmRequest {
  request: ApplicationRequest;
  vendor: string;
  /** Version of the pinpack-runtime made from the same pinpack. */
  runtime: string;
  /** Of each wheel, by the pin's name. */
  facts: ReadonlyMap<string, CanonicalFacts>;
  /** Content of the files that the settings name, by their path in the application's folder. */
  delivered: ReadonlyMap<string, Buffer>;
}

/** @throws RpmError, PackagingError */
export async function packApplicationRpm(options: ApplicationRpmRequest): Promise<PackedRpm> {
  const { request, vendor, runtime, facts, delivered } = options;
  const { reqset, application, settings } = request;
  const spec = planApplicationRpm(request, runtime, vendor);
  const manifest = planManifest(reqset, application, settings, facts);
  const entries = applicationEntries({ manifest, settings, summary: spec.summary, delivered });
  return { fileName: fileName(spec), ...encodeRpm(spec, await packPayload(entries, compressionOf(application))) };
}
