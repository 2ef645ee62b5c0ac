// Compares a lock with its inputs. Nothing is built from a stale lock, because the RPMs would lack what was added since.
import { CodedError, messageWithCode } from '@pinpack/common/coded-error';
import { describeStaleness } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { readLock } from './read-lock.js';
import { readLockInputs } from './read-lock-inputs.js';
import type { Problem } from './read-reqset.js';
import { reqsetPaths } from './workspace-paths.js';

/** Reported by the targets of the application concerned. They do not stop the rest of the set. */
const OF_ONE_APPLICATION = new Set(['DIST_SOURCE_INVALID', 'PINPACK_APPLICATION_INVALID']);

/** @throws PinpackError `PINPACK_LOCK_OUTDATED` with every change since the set was locked */
async function checkLockIsCurrent(root: string, set: string): Promise<void> {
  const paths = reqsetPaths(set);
  const changes = describeStaleness(readLock(root, set), await readLockInputs(root, set), paths);
  if (changes.length === 0) return;
  throw new PinpackError('PINPACK_LOCK_OUTDATED', paths.lock, [
    'is older than its inputs',
    ...changes,
    `Lock again: nx run ${paths.project}:lock. To build what is locked all the same: PINPACK_STALE_LOCK=allow`,
  ]);
}

/** @returns the message for a stale lock or for inputs that cannot be read; undefined for a current or a missing lock */
export async function findStaleness(root: string, set: string): Promise<Problem | undefined> {
  try {
    await checkLockIsCurrent(root, set);
    return undefined;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const coded = error as CodedError;
    return OF_ONE_APPLICATION.has(coded.code) ? undefined : { problem: messageWithCode(coded) };
  }
}
