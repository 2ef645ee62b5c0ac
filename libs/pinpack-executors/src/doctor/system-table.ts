// The table of system packages that `pinpack doctor` shares with tools/setup-system.sh.
import { readFileSync } from 'node:fs';
import type { Packages } from './diagnosis.js';

export const PURPOSES = ['build', 'host', 'repo', 'delta', 'sign', 'test'] as const;
export type Purpose = (typeof PURPOSES)[number];

export interface SystemNeed {
  /** A program, a /path, `python:<module>` or `python-headers`. */
  need: string;
  purpose: Purpose;
  packages: Packages;
}

export function readSystemTable(): SystemNeed[] {
  return parseSystemTable(readFileSync(new URL('../../system-requirements.txt', import.meta.url), 'utf8'));
}

export function parseSystemTable(text: string): SystemNeed[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [need = '', purpose, debian = '', fedora = '', rhel = '', suse = '', ...more] = line.split(/\s+/);
    const known = PURPOSES.find((one) => one === purpose);
    if (known === undefined || suse === '' || more.length > 0) throw new Error(`system-requirements.txt: ${line}`);
    return { need, purpose: known, packages: { debian, fedora, rhel, suse } };
  });
}
