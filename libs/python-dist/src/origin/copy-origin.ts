// Copies or packs a file that is not on an index and has no URL.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distError } from '../dist-error.js';
import type { FileOrigin } from '../names/distribution-file.js';
import { packCommit } from './git-source.js';

/**
 * @param root - the workspace's root
 * @throws DistError `DIST_GIT_FAILED`, `DIST_GIT_UNSUPPORTED`, `DIST_ORIGIN_MISSING`
 */
export async function copyOrigin(
  name: string,
  origin: Exclude<FileOrigin, { kind: 'url' }>,
  root: string,
  destination: string,
): Promise<void> {
  if (origin.kind === 'git') return packCommit(name, origin, destination);
  await copyFile(join(root, origin.path), destination).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw distError(
      origin.path,
      'DIST_ORIGIN_MISSING',
      [`the file of ${name} cannot be read: ${reason}`, 'Restore it, or change requirements.txt and lock again.'],
      { cause },
    );
  });
}
