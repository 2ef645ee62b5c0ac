// Opens the tools for making deltas and repositories: the publication and the signing key.
import { openPublications, type Publications } from '@pinpack/publication';
import { withSigner, type Signer } from '@pinpack/rpm-repo';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { readPublishSettings, type PublishSettings } from '../workspace/publish-settings.js';

export interface PublishTools {
  settings: PublishSettings;
  /** undefined if no target is configured. */
  publication: Publications | undefined;
  /** undefined: nothing is signed. */
  signer: Signer | undefined;
}

/** @throws PinpackError `PINPACK_PUBLISH_INVALID`. @throws RepoError `REPO_KEY_UNUSABLE`. @throws StoreError */
export async function withPublishTools<Result>(
  options: PluginOptions,
  environment: NodeJS.ProcessEnv,
  use: (tools: PublishTools) => Promise<Result>,
): Promise<Result> {
  const settings = readPublishSettings(options, environment);
  const { to } = settings;
  const publication = to === undefined ? undefined : await openPublications(to, { environment });
  return withConfiguredSigner(settings, (signer) => use({ settings, publication, signer }));
}

/** @param use - gets undefined if no key is configured. @throws RepoError `REPO_KEY_UNUSABLE` */
export async function withConfiguredSigner<Result>(
  { sign }: Pick<PublishSettings, 'sign'>,
  use: (signer: Signer | undefined) => Promise<Result>,
): Promise<Result> {
  return sign === undefined ? use(undefined) : withSigner(sign, use);
}
