// The scriptlets of a wheel RPM: one call of pinpack-runtime each. Paths hold no characters that a shell would read otherwise.
import type { Relation, RpmSpec } from '@pinpack/rpm-gen';
import type { WheelRpmPaths } from './paths.js';

const SHELL = '/bin/sh';
const RUNTIME = '/usr/bin/pinpack-runtime';
/** The oldest pinpack-runtime that understands the calls below. */
const RUNTIME_NEEDED = '0.1.0';

export const RUNTIME_REQUIRES: Relation = {
  name: 'pinpack-runtime',
  sense: '>=',
  version: RUNTIME_NEEDED,
  when: ['post', 'preun', 'verify'],
};

/** @param sha256 - of the canonical wheel, in hex */
export function wheelScriptlets(paths: WheelRpmPaths, distInfo: string, sha256: string): RpmSpec['scriptlets'] {
  const place = `--tree ${quote(paths.tree)} --dist-info ${quote(distInfo)} --wheel ${quote(paths.wheel)} --sha256 ${sha256}`;
  return {
    post: { interpreter: SHELL, body: `${RUNTIME} wheel rebuild ${place}\n` },
    // $1 is the number of versions that stay: the newer one's wheel is none of the older one's business.
    preun: {
      interpreter: SHELL,
      body: `if [ "$1" -eq 0 ]; then\n  ${RUNTIME} wheel remove --wheel ${quote(paths.wheel)}\nfi\n`,
    },
    verify: { interpreter: SHELL, body: `${RUNTIME} wheel verify ${place}\n` },
  };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
