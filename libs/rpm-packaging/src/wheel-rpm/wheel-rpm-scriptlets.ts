// The only scriptlet of a wheel RPM, which `rpm -V` runs. Names contain no characters that a shell interprets.
import type { Relation, RpmSpec } from '@pinpack/rpm-gen';
import { setLabel } from '../names/rpm-names.js';

/** The oldest pinpack-runtime that understands the call below. */
const RUNTIME_NEEDED = '0.1.0';

export const RUNTIME_REQUIRES: Relation = {
  name: 'pinpack-runtime',
  sense: '>=',
  version: RUNTIME_NEEDED,
  when: ['verify'],
};

/** @param name - of the pin */
export function wheelScriptlets(reqset: string, name: string): RpmSpec['scriptlets'] {
  const body = `/usr/bin/pinpack-runtime wheel verify '${setLabel(reqset)}' '${name}'\n`;
  return { verify: { interpreter: '/bin/sh', body } };
}
