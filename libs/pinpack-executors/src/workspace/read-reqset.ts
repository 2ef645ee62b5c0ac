// Reads the pins and applications of a set for the graph. An unusable lock is returned as a problem, so that `lock` can still be run.
import { CodedError, messageWithCode } from '@pinpack/common/coded-error';
import {
  applicationsOf,
  bundledPythonOf,
  pinsOf,
  type Application,
  type BundledPython,
  type Lock,
  type Pin,
} from '@pinpack/python-dist';
import { readLock } from './read-lock.js';

export interface LockedReqset {
  pins: Pin[];
  applications: Application[];
  /** The Python that the set brings along. */
  python?: BundledPython | undefined;
}

/** The message of an error. */
export interface Problem {
  problem: string;
}

export function readReqset(root: string, reqset: string): LockedReqset | Problem {
  return orProblem(() => {
    const lock = readLock(root, reqset);
    const known = byLock.get(lock) ?? {
      pins: pinsOf(lock),
      applications: applicationsOf(lock),
      python: bundledPythonOf(lock),
    };
    byLock.set(lock, known);
    return known;
  });
}

/** The graph inference needs those of each lock several times. */
const byLock = new WeakMap<Lock, LockedReqset>();

/** Returns the errors of users as a problem, which the targets report; other errors are thrown. */
export function orProblem<Result>(read: () => Result): Result | Problem {
  try {
    return read();
  } catch (error) {
    if (error instanceof CodedError) return { problem: messageWithCode(error as CodedError) };
    throw error;
  }
}
