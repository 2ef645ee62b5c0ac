// `nx run <reqset>:provenance --rpm <file>`: traces a published RPM back to the lock and to the digest of the index.
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { setLabel } from '@pinpack/rpm-packaging';
import { PUBLIC_KEY } from '@pinpack/rpm-repo';
import { PinpackError } from '../../pinpack-error.js';
import { openConfigured } from '../../publishing/open-configured.js';
import { traceRpm } from '../../publishing/trace-rpm.js';
import { runReported } from '../../tasks/report-failure.js';
import { pluginOptions } from '../../workspace/plugin-options.js';
import { readLock } from '../../workspace/read-lock.js';
import { reqsetPaths } from '../../workspace/workspace-paths.js';

export interface ProvenanceOptions {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
  /** File of the RPM. */
  rpm: string;
  /** File of the public key. Default: that of the publication. */
  key?: string;
}

const KEY_LIMIT = 1 << 20;

export default async function provenance(
  { reqset: set, rpm, key }: ProvenanceOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const { publication } = await openConfigured(pluginOptions(nxJsonConfiguration), process.env);
    const label = setLabel(set);
    const publicKey =
      key === undefined
        ? Buffer.from((await publication.readChanging(label, PUBLIC_KEY, KEY_LIMIT)) ?? Buffer.of()).toString()
        : await readFile(resolve(root, key), 'utf8');
    const lockFile = join(root, reqsetPaths(set).lock);
    const request = { publication, label, rpm: resolve(root, rpm), publicKey, lock: readLock(root, set), lockFile };
    const checks = await traceRpm(request);
    console.log(checks.format());
    if (checks.havePassed) return;
    throw new PinpackError('PINPACK_PUBLICATION_UNTRUSTED', rpm, [
      'the RPM cannot be traced back to the lock: see the checks above',
    ]);
  });
}
