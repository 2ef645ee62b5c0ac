// Finds the wheel of a lock among the names in a folder, usually dist/wheels. Pure.
import { isWheelOf, type LockedPackage } from '@pinpack/python-dist';

/** Built wheels have no name in the lock. */
export function findLockedWheel(names: readonly string[], locked: LockedPackage): string | undefined {
  const { source } = locked;
  return names.find((name) => ('wheel' in source ? name === source.wheel.name : isWheelOf(name, locked)));
}
