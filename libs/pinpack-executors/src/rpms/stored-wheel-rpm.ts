// Restores wheel RPMs from the store and keeps them there, together with their canonical facts, which application RPMs need.
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeFileAtomically } from '@pinpack/common/atomic-file';
import type { Digested } from '@pinpack/build-store';
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
import { canonicalFactsFile, reqsetPaths, rpmDigestFile } from '../workspace/workspace-paths.js';
import { restoreOutput, type Output } from '../tasks/restore-output.js';
import { warn } from '../tasks/warn.js';
import { writeRpmDigest } from './rpm-digest.js';
import type { PinWheel } from '../wheels/pin-wheels.js';
import type { RpmRequest } from './rpm-request.js';

/** The attachment with the text of the canonical facts. */
const FACTS = 'canonical';
/** The attachment with the warning that was printed when the RPM was made. */
const WARNING = 'warning';

/** @returns undefined without a store. @throws PinpackError `PINPACK_PYTHON_MISSING` */
export async function rpmKeyOf(
  { reqset, pin, vendor, store, compiler: program }: RpmRequest,
  { fileName, sha256 }: Pick<PinWheel, 'fileName' | 'sha256'>,
): Promise<string | undefined> {
  if (store === undefined) return undefined;
  const compiler = carriesBytecode(pin) ? await readBytecodeCompiler(pin.python, program) : undefined;
  return wheelRpmKey({
    code: codeDigest('wheel-rpm'),
    set: reqset,
    pin,
    vendor,
    wheel: { fileName, sha256 },
    compiler,
  });
}

/** @returns undefined if the RPM has to be made */
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
  const record = await restoreOutput(store, { kind: 'rpm', key, task: `${project}:rpm`, folder, accepts });
  if (record === undefined) return undefined;
  if (record.attachments[WARNING] !== undefined) warn(record.attachments[WARNING]);
  await writeFileAtomically(join(root, facts), [Buffer.from(record.attachments[FACTS] ?? '')]);
  // The store has verified it.
  const { fileName, sha256 } = record;
  await writeRpmDigest(root, rpmDigestFile(reqset, project), { file: fileName, sha256 });
  await pruneOthers(folder, fileName, rpmPattern(project));
  const path = join(folder, fileName);
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

/** @param path - of the RPM. `facts` is the text of the canonical facts, `content` the digest of the RPM */
export async function keepRpm(
  { store }: RpmRequest,
  key: string | undefined,
  path: string,
  { facts, warning, content }: { facts: string; warning: string | undefined; content: Digested },
): Promise<void> {
  if (key === undefined) return;
  const attachments = { [FACTS]: facts, ...(warning !== undefined && { [WARNING]: warning }) };
  await store?.put({ kind: 'rpm', key, fileName: basename(path), attachments }, path, { content });
}
