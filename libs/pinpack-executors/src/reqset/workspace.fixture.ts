/** A workspace with one reqset, in a folder that goes with the test. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inputsDigest, type LockedPackage } from '@pinpack/python-dist';
import { sampleLock } from '../pin.fixture.js';
import { temporaryFolder } from '../programs.fixture.js';
import { readLockInputs } from './read-inputs.js';
import { writeLock } from './write-lock.js';

export function writeText(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Requirements, a lock that is made from them, and its pin files. Returns the workspace's root. */
export async function writeWorkspace(reqset: string, packages: LockedPackage[]): Promise<string> {
  const root = temporaryFolder();
  const lines = packages.map(({ name, version }) => `${name}==${version}\n`);
  writeText(root, `reqsets/${reqset}/requirements.txt`, lines.join(''));
  const inputsSha256 = inputsDigest(await readLockInputs(root, reqset));
  await writeLock(root, reqset, sampleLock(packages, { inputsSha256 }));
  return root;
}
