// A wheel RPM that another run, of this repository or another, has made of the same: from the store, with its small file for applications.
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import { carriesBytecode } from '@pinpack/python-dist';
import {
  codeDigest,
  parseCanonicalFacts,
  readBytecodeCompiler,
  rpmPattern,
  wheelProject,
  wheelRpmKey,
} from '@pinpack/rpm-packaging';
import { pruneOthers } from '@pinpack/common/prune-others';
import { canonicalFactsFile, reqsetPaths } from '../workspace/workspace-paths.js';
import { restoreOutput, type Output } from '../tasks/restore-output.js';
import type { RpmRequest } from './rpm-request.js';

/** The attachment that is the text of the small file. */
const FACTS = 'canonical';

/** @returns undefined where there is no store. @throws PinpackError `PINPACK_PYTHON_MISSING` */
export async function rpmKeyOf({ reqset, pin, vendor, store }: RpmRequest, wheel: string): Promise<string | undefined> {
  // One that isn't there is told by who reads it.
  const sha256 = store && (await sha256OfFile(wheel).catch(() => undefined));
  if (sha256 === undefined) return undefined;
  const compiler = carriesBytecode(pin) ? await readBytecodeCompiler(pin.python) : undefined;
  return wheelRpmKey({
    code: codeDigest('wheel-rpm'),
    set: reqset,
    pin,
    vendor,
    wheel: { fileName: basename(wheel), sha256 },
    compiler,
  });
}

/** @returns undefined where it has to be made */
export async function restoreRpm(
  { root, reqset, pin, store }: RpmRequest,
  key: string | undefined,
): Promise<Output | undefined> {
  if (key === undefined) return undefined;
  const folder = join(root, reqsetPaths(reqset).rpms);
  const facts = canonicalFactsFile(reqset, pin.name);
  const project = wheelProject(reqset, pin.name);
  const accepts = ({ fileName, attachments }: { fileName: string; attachments: Record<string, string> }): boolean =>
    rpmPattern(project).test(fileName) && areFacts(attachments[FACTS], facts, project);
  const record = await restoreOutput(store, { kind: 'rpm', key, folder, accepts });
  if (record === undefined) return undefined;
  await writeFileAtomically(join(root, facts), [Buffer.from(record.attachments[FACTS] ?? '')]);
  await pruneOthers(folder, record.fileName, rpmPattern(project));
  const path = join(folder, record.fileName);
  return { path, size: (await stat(path)).size, isRestored: true };
}

function areFacts(text: string | undefined, file: string, project: string): boolean {
  try {
    parseCanonicalFacts(text, file, project);
    return true;
  } catch {
    return false;
  }
}

/** @param facts - text of the small file */
export async function keepRpm(
  { store }: RpmRequest,
  key: string | undefined,
  path: string,
  facts: string,
): Promise<void> {
  if (key === undefined) return;
  await store?.put({ kind: 'rpm', key, fileName: basename(path), attachments: { [FACTS]: facts } }, path);
}
