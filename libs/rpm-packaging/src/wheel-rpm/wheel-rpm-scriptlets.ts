// The only scriptlet of a wheel RPM, which `rpm -V` runs. Names contain no characters that a shell interprets.
import type { Relation, RpmSpec } from '@pinpack/rpm-gen';
import type { Pin } from '@pinpack/python-dist';
import { runtimeCommand } from '../names/python-names.js';
import { setLabel } from '../names/rpm-names.js';

/** The oldest pinpack-runtime that understands the call below. */
const RUNTIME_NEEDED = '0.1.0';

export const RUNTIME_REQUIRES: Relation = {
  name: 'pinpack-runtime',
  sense: '>=',
  version: RUNTIME_NEEDED,
  when: ['verify'],
};

/** With a Python that the set brings along, the system needs none. */
export function wheelScriptlets(reqset: string, pin: Pick<Pin, 'name' | 'bundled'>): RpmSpec['scriptlets'] {
  const { name } = pin;
  const body = `${runtimeCommand(reqset, pin.bundled === true)} wheel verify '${setLabel(reqset)}' '${name}'\n`;
  return { verify: { interpreter: '/bin/sh', body } };
}
