/** The page of support has the same table of fleets as the code. */
import { readFileSync } from 'node:fs';
import { parseCompression } from '@pinpack/rpm-gen';
import {
  compressionOf,
  DEFAULT_COMPRESSION,
  FLEET_NAMES,
  FLEETS,
  refusedFleet,
  type Fleet,
} from '@pinpack/rpm-packaging';
import { expect, test } from 'vitest';

const PAGE = readFileSync(new URL('../../docs/support.md', import.meta.url), 'utf8');

/** The cells of the table's rows whose first cell is a fleet. */
function rowsOf(page: string, columns: number): string[][] {
  return page
    .split('\n')
    .filter((line) => /^\| `[a-z0-9]+` *\|/.test(line))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(({ length }) => length === columns);
}

const fleets: [string, Fleet][] = Object.entries(FLEETS);

test('has the facts of each fleet, and what the setting chooses', () => {
  expect(rowsOf(PAGE, 9)).toEqual(
    fleets.map(([name, { systems, rpm, payloads, rich, glibc, python, deltas, compression }]) => [
      `\`${name}\``,
      systems,
      rpm,
      payloads.filter((payload) => payload !== 'none').join(', '),
      rich ? 'yes' : 'no',
      `2.${glibc}`,
      python,
      deltas,
      compression === undefined ? 'refused' : `\`${compression}\``,
    ]),
  );
  expect(rowsOf(PAGE, 5)).toEqual(
    fleets.map(([name, { signatures, selinux, pythons, machines }]) => [
      `\`${name}\``,
      signatures,
      selinux,
      pythons?.join(', ') ?? 'several',
      machines.join(', '),
    ]),
  );
});

test('every supported fleet reads what is chosen for it, the default, and rich dependencies', () => {
  expect(compressionOf({})).toEqual(parseCompression(DEFAULT_COMPRESSION));
  for (const [name, { payloads, rich, compression }] of fleets) {
    if (compression === undefined) {
      expect(refusedFleet(name), name).toContain(name);
      continue;
    }
    expect(FLEET_NAMES).toContain(name);
    expect(refusedFleet(name)).toBeUndefined();
    for (const chosen of [compression, DEFAULT_COMPRESSION])
      expect(payloads, name).toContain(parseCompression(chosen).kind);
    expect(rich, name).toBe(true);
  }
});
