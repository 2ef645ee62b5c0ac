// What the graph takes from a reqset's lock: its pins and applications, or why there are none: that must not keep anyone from running `lock`.
import { applicationsOf, DistError, pinsOf, type Application, type Pin } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { readLock } from './read-lock.js';

export interface LockedReqset {
  pins: Pin[];
  applications: Application[];
}

/** A message that tells what is wrong and what to do. */
export interface Problem {
  problem: string;
}

export function readReqset(root: string, reqset: string): LockedReqset | Problem {
  return orProblem(() => {
    const lock = readLock(root, reqset);
    return { pins: pinsOf(lock), applications: applicationsOf(lock) };
  });
}

/** What people did wrong becomes a problem that is told when it is built; anything else is thrown. */
export function orProblem<Result>(read: () => Result): Result | Problem {
  try {
    return read();
  } catch (error) {
    if (error instanceof DistError || error instanceof PinpackError) return { problem: error.message };
    throw error;
  }
}
