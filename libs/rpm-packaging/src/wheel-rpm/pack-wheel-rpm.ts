// Packs a wheel as its RPM. One pass over the wheel verifies it, digests it and compresses it.
import {
  carriesBytecode,
  openWheel,
  withExactRecord,
  type DistIssue,
  type ExactResult,
  type Pin,
  type Wheel,
  type WheelLimits,
} from '@pinpack/python-dist';
import { fileName, readFiles, type ReadFiles, type RpmEntry, type RpmSpec } from '@pinpack/rpm-gen';
import { architectureOf } from '../names/rpm-file-name.js';
import { wheelProject } from '../names/rpm-names.js';
import { compressionOf } from '../names/payload-compression.js';
import { formatCanonicalFacts, type CanonicalFacts } from './canonical-facts.js';
import { checkMachine } from './check-machine.js';
import { compileBytecode } from './compile-bytecode.js';
import { confirmRepair } from './confirm-repair.js';
import { ElfRequires } from './elf-requires.js';
import { planWheelRpm } from './plan-wheel-rpm.js';
import { licenseCopies, storedContents, treeContents } from './wheel-contents.js';
import { folderEntries, licensesFolder, wheelRpmPaths } from './wheel-rpm-paths.js';

/** Replaced when the whole wheel has been read: rpm-gen reads the facts file last, since its path sorts behind the wheel's files. */
const SHA256_PLACEHOLDER = '0'.repeat(64);

export interface WheelRpmRequest {
  /** A set: `reqset3`, `multi/py311`. */
  reqset: string;
  pin: Pin;
  vendor: string;
  /** Path of the wheel. */
  wheel: string;
  /** Name of the wheel, if the path has another one. */
  wheelName?: string | undefined;
  /** The program that compiles bytecode; by default a Python of the minor version on this machine. */
  compiler?: string | undefined;
  /** Limits on the wheel's contents. */
  limits?: WheelLimits | undefined;
  /** Runs one read at a time, so that a run reads one wheel while it compresses another. */
  inTurn: <Result>(read: () => Promise<Result>) => Promise<Result>;
}

export interface PackedRpm {
  fileName: string;
  chunks: Uint8Array[];
  /** Bytes. */
  size: number;
}

/** `facts` is the text of the file for application RPMs: see `formatCanonicalFacts`. */
export interface PackedWheelRpm extends PackedRpm {
  facts: string;
  /** How the wheel's own RECORD differs from its files; empty if it is exact. */
  recordIssues: readonly DistIssue[];
}

/** @throws DistError, RpmError, PackagingError */
export async function packWheelRpm(request: WheelRpmRequest): Promise<PackedWheelRpm> {
  const { result, recordIssues } = await request.inTurn(() => readPackage(request));
  const { files, spec, facts } = result;
  const { chunks, size } = await files.encode(spec);
  return { fileName: fileName(spec), chunks, size, facts, recordIssues };
}

interface ReadPackage {
  files: ReadFiles;
  spec: RpmSpec;
  facts: string;
}

async function readPackage(request: WheelRpmRequest): Promise<ExactResult<ReadPackage>> {
  const { pin, wheel: path, limits } = request;
  const wheel = await openWheel(path, limits, request.wheelName);
  try {
    const confirm = (issues: readonly DistIssue[]) => confirmRepair({ pin, path, fileName: wheel.fileName, issues });
    return await withExactRecord(wheel, confirm, (exact) => readExactPackage(request, exact));
  } finally {
    wheel.close();
  }
}

async function readExactPackage(
  { reqset, pin, vendor, compiler }: WheelRpmRequest,
  wheel: Wheel,
): Promise<ReadPackage> {
  const elf = new ElfRequires(architectureOf(wheel.identity.platformTags, pin.platform));
  const paths = wheelRpmPaths(reqset, pin.name, wheel.fileName);
  const isStored = pin.layout === 'stored';
  const look = elf.add.bind(elf);
  const contents = isStored ? storedContents(wheel, paths.stored, look) : treeContents(wheel, paths.tree, look);
  const facts: CanonicalFacts = {
    wheel: wheel.fileName,
    distInfo: wheel.distInfo,
    sha256: SHA256_PLACEHOLDER,
    ...(isStored && { layout: 'stored' }),
  };
  const entries = [
    ...contents.entries,
    ...(isStored ? licenseCopies(wheel, licensesFolder(wheelProject(reqset, pin.name))) : []),
    ...(carriesBytecode(pin) ? await compileBytecode(wheel, pin, paths.tree, compiler) : []).map(({ name, data }) =>
      fileEntry(`${paths.tree}/${name}`, data.length, () => data),
    ),
    fileEntry(paths.facts, Buffer.byteLength(formatCanonicalFacts(facts)), () => {
      facts.sha256 = contents.sha256();
      return Buffer.from(formatCanonicalFacts(facts));
    }),
    { path: paths.wheel, kind: 'file', ghost: true, mode: 0o644, size: 0 } satisfies RpmEntry,
  ];
  const all = [...folderEntries(entries.map((entry) => entry.path)), ...entries];
  const files = await readFiles(all, compressionOf(pin));
  checkMachine(pin, wheel.fileName, elf.foreign());
  const spec = planWheelRpm({ reqset, pin, wheel, sha256: facts.sha256, elfRequires: elf.external(), vendor });
  return { files, spec, facts: formatCanonicalFacts(facts) };
}

function fileEntry(path: string, size: number, read: () => Uint8Array): RpmEntry {
  return { path, kind: 'file', mode: 0o644, size, read: () => ({ data: read() }) };
}
