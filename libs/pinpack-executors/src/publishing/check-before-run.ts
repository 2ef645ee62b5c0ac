// Checks the settings of `publish`, `repo` and `delta` before Nx runs tasks, which may take an hour, and of which each would report the same problem.
import { StoreError } from '@pinpack/build-store';
import { redactUrls } from '@pinpack/common/redact';
import { openPublications } from '@pinpack/publication';
import { withConfiguredSigner } from '../repository/publish-tools.js';
import type { PluginOptions } from '../workspace/plugin-options.js';
import { readPublishSettings } from '../workspace/publish-settings.js';
import { openConfigured } from './open-configured.js';

type Environment = NodeJS.ProcessEnv;

/** One repetition, for a lost packet. Somebody waits for the answer, and has only started the run. */
const ATTEMPTS = 2;

/**
 * Opens the location and the key that `publish` will use.
 *
 * @throws PinpackError `PINPACK_PUBLISH_MISSING`, `PINPACK_PUBLISH_INVALID`
 * @throws StoreError if the location is invalid, the server is not reached, the bucket does not exist or refuses to be read
 * @throws RepoError `REPO_KEY_UNUSABLE`
 */
export async function checkPublishing(options: PluginOptions, environment: Environment): Promise<void> {
  const { settings } = await openConfigured(options, environment);
  await withConfiguredSigner(settings, () => checkLocation(settings.to, environment));
}

/** Opens what `repo` and `delta` will use: the key and the earlier publications, if they are configured. @throws as `checkPublishing` */
export async function checkRepositoryTools(options: PluginOptions, environment: Environment): Promise<void> {
  const settings = readPublishSettings(options, environment);
  await withConfiguredSigner(settings, () => checkLocation(settings.to, environment));
}

async function checkLocation(to: string | undefined, environment: Environment): Promise<void> {
  if (to === undefined) return;
  const publication = await openPublications(to, { environment, attempts: ATTEMPTS });
  try {
    // Any label does: the answer shows whether the bucket exists and can be read.
    await publication.list('pinpack');
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const { code, subject, message } = error;
    throw new StoreError(code, subject, [message.slice(subject.length + 2), ...describeLocation(to, environment)], {
      cause: error,
    });
  }
}

/** Where the location is configured, and with which server. */
function describeLocation(to: string, environment: Environment): string[] {
  const { PINPACK_PUBLISH: own = '' } = environment;
  const endpoint = URL.canParse(to) ? new URL(to).searchParams.get('endpoint') : null;
  const setting = own === '' ? '"publish": { "to": … } in nx.json, or below "store"' : 'PINPACK_PUBLISH';
  return [
    ...(endpoint === null ? [] : [`endpoint: ${redactUrls(endpoint)}`]),
    `This is the location of publications (${setting}). Correct it, start its server, or create the bucket; nothing was built.`,
  ];
}
