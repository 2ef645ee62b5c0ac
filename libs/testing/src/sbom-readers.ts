/** Reads SBOMs with other programs, which validate them too: CycloneDX's Python library with the official schema, and the SPDX project's tools. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from './programs.js';

const PYTHON = fileURLToPath(new URL('../../../.venv-test/bin/python', import.meta.url));
const READER = fileURLToPath(new URL('read-sbom.py', import.meta.url));

export const SBOM_READERS_ARE_MISSING = !existsSync(PYTHON);

export interface ReadComponent {
  name: string;
  version: string | null;
  purl: string | null;
  sha256: string | null;
  licenses: string[];
  bundled: ReadComponent[];
}

export interface ReadSboms {
  cyclonedx: { subject: ReadComponent; components: ReadComponent[]; edges: Record<string, string[]> };
  spdx: {
    packages: { name: string; version: string | null; sha256: string | null; license: string; purl: string | null }[];
    relationships: number;
  };
}

/** Fails the test if one of them is invalid. */
export function readSboms(files: { cyclonedx: string; spdx: string }): ReadSboms {
  const [cyclonedx, spdx] = JSON.parse(run(PYTHON, [READER, files.cyclonedx, files.spdx])) as [
    ReadSboms['cyclonedx'],
    ReadSboms['spdx'],
  ];
  return { cyclonedx, spdx };
}
