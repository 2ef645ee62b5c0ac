// What deltas and repositories are made with: what is published already, and the key.
import { openPublications, type Publications } from '@pinpack/publication';
import { withSigner, type Signer } from '@pinpack/rpm-repo';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { readPublishSettings, type PublishSettings } from '../workspace/publish-settings.js';

export interface ReleaseTools {
  settings: PublishSettings;
  /** undefined where nothing is configured. */
  publication: Publications | undefined;
  /** undefined: nothing is signed. */
  signer: Signer | undefined;
}

/** @throws PinpackError `PINPACK_PUBLISH_INVALID`. @throws RepoError `REPO_KEY_UNUSABLE`. @throws StoreError */
export async function withReleaseTools<Result>(
  options: PluginOptions,
  environment: NodeJS.ProcessEnv,
  use: (tools: ReleaseTools) => Promise<Result>,
): Promise<Result> {
  const settings = readPublishSettings(options, environment);
  const { to, sign } = settings;
  const publication = to === undefined ? undefined : await openPublications(to, { environment });
  if (sign === undefined) return use({ settings, publication, signer: undefined });
  return withSigner(sign, (signer) => use({ settings, publication, signer }));
}
