// Decides whether the RECORD of a wheel that differs from its files is replaced by an exact one.
import { sha256OfFile } from '@pinpack/common/digest';
import type { DistIssue, Pin } from '@pinpack/python-dist';
import { PackagingError } from '../packaging-error.js';

export interface Repair {
  pin: Pick<Pin, 'name' | 'source' | 'record'>;
  /** Where the wheel is, and its name, which a file in the store does not have. */
  path: string;
  fileName: string;
  /** How RECORD differs from the files. */
  issues: readonly DistIssue[];
}

const SHOWN = 20;

/** @throws PackagingError `PINPACK_WHEEL_CHANGED`: the wheel is not the locked one, `PINPACK_RECORD_INEXACT`: the reqset requires an exact RECORD */
export async function confirmRepair({ pin, path, fileName, issues }: Repair): Promise<void> {
  const { name, source, record } = pin;
  // A wheel that pinpack has built has an exact RECORD.
  const locked = 'wheel' in source ? source.wheel.sha256 : undefined;
  const found = await sha256OfFile(path);
  if (found !== locked) {
    throw new PackagingError('PINPACK_WHEEL_CHANGED', fileName, [
      ...(locked === undefined ? [] : [`has sha256=${found}, expected ${locked} as in the lock`]),
      ...listIssues(issues),
      'The file was changed after it was downloaded or built. Make it again: run the target wheel with --skip-nx-cache.',
    ]);
  }
  if (record !== 'exact') return;
  throw new PackagingError('PINPACK_RECORD_INEXACT', fileName, [
    'RECORD differs from the files of the wheel, and "record" in reqset.json requires an exact one',
    ...listIssues(issues),
    `The wheel is the one on the index: its sha256 is the lock's. To accept it, set "record": {"${name}": "repair"} in reqset.json and lock again.`,
  ]);
}

/** The issues in one line each. */
export function listIssues(issues: readonly DistIssue[]): string[] {
  const shown = issues.slice(0, SHOWN).map(({ message }) => `- ${message.replaceAll('\n', ', ')}`);
  return issues.length > SHOWN ? [...shown, `and ${issues.length - SHOWN} more`] : shown;
}

/** The warning about a wheel whose RECORD was replaced. */
export function repairWarning(fileName: string, issues: readonly DistIssue[]): string {
  const first = `${fileName}: RECORD differs from the files of the wheel, so the RPM contains a RECORD made from them`;
  return [first, ...listIssues(issues)].join('\n  ');
}
