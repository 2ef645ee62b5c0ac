// Packs the RPM of the Python that a set brings along, from its unpacked files.
import { readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { walkFolder } from '@pinpack/common/walk-folder';
import { minorVersion, type LockedInterpreter } from '@pinpack/python-dist';
import { encodeRpm, fileName, packPayload, type RpmEntry } from '@pinpack/rpm-gen';
import { compressionOf } from '../names/payload-compression.js';
import { architectureOf } from '../names/rpm-file-name.js';
import { compileSources } from '../wheel-rpm/compile-bytecode.js';
import { ElfRequires } from '../wheel-rpm/elf-requires.js';
import { checkGlibc } from '../wheel-rpm/glibc-level.js';
import type { PackedRpm } from '../wheel-rpm/pack-wheel-rpm.js';
import { folderEntries } from '../wheel-rpm/wheel-rpm-paths.js';
import { containedLibraries } from './contained-libraries.js';
import { isDelivered } from './delivered-files.js';
import { inspectInterpreter, type Inspection } from './inspect-interpreter.js';
import { planPythonRpm } from './plan-python-rpm.js';
import { pythonFolder } from '../names/python-names.js';

export interface PythonRpmRequest {
  set: string;
  /** Full version: `3.12.8` */
  python: string;
  platform: string;
  interpreter: LockedInterpreter;
  /** Whether the RPM contains the bytecode of the standard library. */
  bytecode: boolean;
  compression?: string | undefined;
  vendor: string;
  /** The unpacked files: verified, and not used by anything else. */
  folder: string;
  /** The program that compiles bytecode. */
  compiler?: string | undefined;
}

/** The part of the request that `lock` has. */
export type InspectedInterpreter = Pick<PythonRpmRequest, 'python' | 'platform' | 'folder'> & {
  interpreter: Pick<LockedInterpreter, 'location' | 'keep'>;
};

export interface CheckedInterpreter extends Pick<Inspection, 'openssl'> {
  /** Versions of the libraries in it by name, see `containedLibraries`. */
  contains: Record<string, string> | undefined;
}

interface DeliveredFile {
  /** Relative to the interpreter's folder. */
  path: string;
  mode: number;
  data: Buffer;
}

/** @throws PackagingError `PINPACK_PYTHON_UNUSABLE`, `PINPACK_GLIBC_TOO_NEW`, `PINPACK_COMPILE_FAILED`. @throws RpmError */
export async function packPythonRpm(request: PythonRpmRequest): Promise<PackedRpm> {
  const { files, openssl, elfRequires } = await readChecked(request);
  const spec = planPythonRpm({ ...request, openssl, elfRequires });
  const entries = planEntries(request, [...files, ...(await bytecodeOf(request, files))]);
  const payload = await packPayload(entries, compressionOf(request));
  return { fileName: fileName(spec), ...encodeRpm(spec, payload) };
}

/** For `lock`: what dnf would refuse on the servers. @throws PackagingError `PINPACK_PYTHON_UNUSABLE`, `PINPACK_GLIBC_TOO_NEW` */
export async function checkInterpreter(request: InspectedInterpreter): Promise<CheckedInterpreter> {
  const { openssl, elfRequires: external } = await readChecked(request);
  const contains = await containedLibraries(request.folder, { minor: minorVersion(request.python), external });
  return { openssl, contains };
}

interface CheckedFiles extends Pick<Inspection, 'openssl'> {
  files: DeliveredFile[];
  /** Sonames and symbol versions that it needs of the system. */
  elfRequires: string[];
}

async function readChecked({ python, platform, interpreter, folder }: InspectedInterpreter): Promise<CheckedFiles> {
  const { location, keep } = interpreter;
  const minor = minorVersion(python);
  const { needed, openssl } = await inspectInterpreter(folder, { minor, platform, location });
  const files = await readDelivered(folder, (path) => isDelivered(path, { minor, keep, needed }));
  const elf = new ElfRequires(architectureOf([], platform));
  for (const { path, data } of files) elf.add(path, data);
  const elfRequires = elf.external();
  checkGlibc({ subject: location, name: `Python ${python}`, platform }, elfRequires);
  return { files, openssl, elfRequires };
}

async function readDelivered(folder: string, isWanted: (path: string) => boolean): Promise<DeliveredFile[]> {
  const entries = await walkFolder(folder);
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(isWanted)
    .sort();
  // A link becomes a file: few libraries and the program have several names.
  const read = paths.map(async (path): Promise<DeliveredFile> => {
    const file = join(folder, path);
    const { mode } = await stat(file);
    return { path, mode: (mode & 0o100) === 0 ? 0o644 : 0o755, data: await readFile(file) };
  });
  return Promise.all(read);
}

/** The same names and the same form as in wheel RPMs. */
async function bytecodeOf(request: PythonRpmRequest, files: readonly DeliveredFile[]): Promise<DeliveredFile[]> {
  const { bytecode, compiler, set, interpreter } = request;
  if (!bytecode || compiler === undefined) return [];
  const sources = files.filter(({ path }) => path.endsWith('.py')).map(({ path, data }) => ({ name: path, data }));
  const compiled = await compileSources(compiler, interpreter.location, pythonFolder(set), sources);
  return compiled.map(({ name, data }) => ({ path: name, mode: 0o644, data: Buffer.from(data) }));
}

function planEntries({ set, python }: PythonRpmRequest, files: readonly DeliveredFile[]): RpmEntry[] {
  const home = pythonFolder(set);
  const entries = [
    ...files.map(({ path, mode, data }): RpmEntry => ({
      ...{ path: `${home}/${path}`, kind: 'file', mode, size: data.length },
      ...(/^lib\/[^/]+\/LICENSE\.txt$/.test(path) && { license: true }),
      read: () => ({ data }),
    })),
    link(`${home}/bin/python3`, `python${minorVersion(python)}`),
  ];
  return [...folderEntries(entries.map(({ path }) => path)), ...entries];
}

function link(path: string, target: string): RpmEntry {
  return { path, kind: 'symlink', mode: 0o777, target, size: 0 };
}
