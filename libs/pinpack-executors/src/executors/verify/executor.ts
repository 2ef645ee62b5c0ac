// `nx run <reqset>:verify`: verifies the latest publication as a reader gets it, and refuses one that is expired or older than one seen before.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { setLabel } from '@pinpack/rpm-packaging';
import { openConfigured } from '../../publishing/open-configured.js';
import { readSeen, writeSeen } from '../../publishing/seen-publication.js';
import { verifyPublication } from '../../publishing/verify-publication.js';
import { runReported } from '../../tasks/report-failure.js';
import { PinpackError } from '../../pinpack-error.js';
import { pluginOptions } from '../../workspace/plugin-options.js';

export interface VerifyOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
  /** File of the public key. Default: the key seen before, or else that of the publication. */
  key?: string;
  /** File that remembers what was seen. */
  seen?: string;
}

export default async function verify(
  { reqset: set, key, seen: seenFile }: VerifyOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const { publication } = await openConfigured(pluginOptions(nxJsonConfiguration), process.env);
    const label = setLabel(set);
    const path = resolve(root, seenFile ?? `dist/cache/seen/${label}.json`);
    const publicKey = key === undefined ? undefined : await readFile(resolve(root, key), 'utf8');
    const request = { publication, label, publicKey, seen: await readSeen(path), now: new Date() };
    const { checks, seen } = await verifyPublication(request);
    console.log(checks.format());
    if (seen !== undefined) {
      await writeSeen(path, seen);
      return;
    }
    throw new PinpackError('PINPACK_PUBLICATION_UNTRUSTED', `${publication.location}/${label}`, [
      'the latest publication does not pass the checks above',
      'Do not install from it before you know why. `nx run <set>:publish` renews an expired statement.',
    ]);
  });
}
