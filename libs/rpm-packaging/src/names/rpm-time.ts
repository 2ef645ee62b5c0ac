// The date of an RPM: of its build, and of its changelog's only entry. It is that of the lock, so that the same lock gives the same bytes on any day.
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';

/** Seconds since 1970. 1980 if the lock has no time. @param time - of the lock: `2026-11-20T23:34:54Z` */
export function rpmTime({ time }: { time?: string }): number {
  return time === undefined ? DEFAULT_MTIME : Date.parse(time) / 1000;
}
