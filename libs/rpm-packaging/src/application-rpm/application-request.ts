// The input of an application RPM, and its digest for cache keys.
import { sha256Of } from '@pinpack/common/digest';
import { formatApplication, type Application, type ProjectDescription } from '@pinpack/python-dist';
import type { ApplicationSettings } from './application-settings.js';

/** Everything that an application RPM is made from, apart from the wheels' digests and the files that the settings name. */
export interface ApplicationRequest {
  reqset: string;
  application: Application;
  settings: ApplicationSettings;
  about: ProjectDescription;
}

/** sha256 in hex of the request, without the settings of the smoke test and the image: they do not affect the RPM. */
export function applicationRequestDigest({
  reqset,
  application,
  settings: { smoke: _smoke, image: _image, ...settings },
  about,
}: ApplicationRequest): string {
  const text = JSON.stringify([reqset, formatApplication(application), settings, about]);
  return sha256Of(text);
}
