// Errors of sdists that cannot or must not be unpacked.
import { distError, issue, type DistIssue } from '../dist-error.js';

export function unsafe(found: string): DistIssue {
  return issue(
    'DIST_SOURCE_SDIST_UNSAFE',
    found,
    'A valid sdist has no such entries: the file may be malicious. Find out who made it before you use it.',
  );
}

export function unreadable(name: string, cause: unknown): Error {
  const found = cause instanceof Error ? cause.message : String(cause);
  return distError(name, 'DIST_SOURCE_SDIST_UNREADABLE', [`cannot be unpacked: ${found}`, 'Pin another version.'], {
    cause,
  });
}
