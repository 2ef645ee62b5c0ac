// Finds the Python of a build root, and checks that the root fits the reqset.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '@pinpack/common/json';
import { distError, issue, throwIssues, type DistIssue } from '../dist-error.js';
import { minorVersion } from '../lock/closure.js';
import { parsePlatform } from '../names/platform.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import { BUNDLED_FOLDER, rootSearchPath, type BuildRoot } from './build-root.js';
import { isolatedOptions, isRightPython, PROBE, PROPERTIES, type Interpreter } from './interpreter.js';
import { runInRoot } from './root-call.js';

const ROOT_PROPERTIES = PROPERTIES.extend({ headers: z.boolean() });
const PYTHON_FOLDERS = ['usr/bin', 'usr/local/bin', 'opt/python'];

export interface RootInterpreter extends Interpreter {
  /** Whether it has `Python.h`. */
  headers: boolean;
}

/** A root with its Python. */
export interface RootBuilder {
  root: BuildRoot;
  interpreter: RootInterpreter;
}

/** @throws DistError `DIST_BUILD_ROOT_PYTHON` with the Pythons that it has */
export async function findRootInterpreter(root: BuildRoot, python: string): Promise<RootInterpreter> {
  const minor = minorVersion(python);
  const failures: string[] = [];
  const bundled = root.python === undefined ? undefined : [`${BUNDLED_FOLDER}/bin/python${minor}`];
  for (const path of bundled ?? candidates(root, minor)) {
    const { failed, all } = await runInRoot(root, [path, ...isolatedOptions(minor.startsWith('2.')), '-c', PROBE]);
    const found = failed ? undefined : parseJson(all.trim().split('\n').at(-1) ?? '', ROOT_PROPERTIES);
    if (found !== undefined && isRightPython(found, minor)) return { path, ...found };
    if (!/No such file|ENOENT/.test(all)) failures.push(`${path}: ${all.trim().split('\n').at(-1) ?? ''}`);
  }
  if (bundled !== undefined) {
    throw distError(root.subject, 'DIST_BUILD_ROOT_PYTHON', [
      `the Python that the reqset brings along does not run there as CPython ${minor}`,
      ...failures,
      'Name a root with the C library of the servers, and the libraries that the Python needs of the system; or remove "root".',
    ]);
  }
  const others = PYTHON_FOLDERS.flatMap((folder) => pythonsIn(root, folder));
  throw distError(root.subject, 'DIST_BUILD_ROOT_PYTHON', [
    `it has no CPython ${minor}, which the reqset is for`,
    ...failures,
    others.length === 0 ? 'it has no Python at all' : `it has ${others.join(', ')}`,
    `Install it there with its headers (Debian: python${minor}-dev, Fedora: python${minor}-devel), or set another root or another "python".`,
  ]);
}

/** Those on the root's PATH, and those of the images of PyPA (`quay.io/pypa/manylinux_2_28_x86_64`). */
function candidates(root: BuildRoot, minor: string): string[] {
  const tag = `cp${minor.replace('.', '')}`;
  const abi = minor === '2.7' ? `${tag}mu` : Number(minor.split('.')[1]) < 8 ? `${tag}m` : tag;
  const folders = [...rootSearchPath(root).split(':'), '/usr/local/bin', `/opt/python/${tag}-${abi}/bin`];
  const program = `python${minor}`;
  return [...new Set(folders)].filter((folder) => folder.startsWith('/')).map((folder) => `${folder}/${program}`);
}

function pythonsIn({ folder: root }: BuildRoot, folder: string): string[] {
  try {
    const names = readdirSync(join(root, folder)).filter((name) => /^(?:python\d\.\d+|cp\d+-cp\w+)$/.test(name));
    return names.sort().map((name) => `/${folder}/${name}`);
  } catch {
    return [];
  }
}

/** The minor version of the root's glibc 2. */
export function glibcOf({ libc }: Pick<Interpreter, 'libc'>): number {
  return Number(/^glibc 2\.(\d+)/.exec(libc)?.[1] ?? 0);
}

/** @throws DistError `DIST_BUILD_ROOT_MACHINE`, `DIST_BUILD_ROOT_GLIBC` */
export function checkRootFits(root: BuildRoot, interpreter: Interpreter, { platform }: TargetEnvironment): void {
  const { glibc, machine } = parsePlatform(platform);
  const found = glibcOf(interpreter);
  const issues: DistIssue[] = [];
  if (interpreter.machine !== machine) {
    const next = 'Name a root of that architecture, and build on such a machine.';
    issues.push(
      issue('DIST_BUILD_ROOT_MACHINE', `its programs run on ${interpreter.machine}, expected ${machine}`, next),
    );
  }
  if (found === 0 || found > glibc) {
    issues.push(
      issue(
        'DIST_BUILD_ROOT_GLIBC',
        `it has ${interpreter.libc === '' ? 'no glibc' : interpreter.libc}, expected glibc 2.${glibc} or older, as of the platform ${platform}`,
        `Name a root of the oldest system that you deploy to, or set "platform": "manylinux_2_${found}_${machine}" if all servers have glibc 2.${found}.`,
      ),
    );
  }
  throwIssues(root.subject, issues);
}

/** @param compiled - the pins that compile code. @throws DistError `DIST_BUILD_ROOT_COMPILER` */
export async function checkRootCompiler(
  root: BuildRoot,
  interpreter: RootInterpreter,
  compiled: readonly string[],
): Promise<void> {
  if (compiled.length === 0) return;
  const { failed } = await runInRoot(root, ['cc', '--version']);
  const missing = [
    ...(failed ? ['cc (Debian and Fedora: gcc)'] : []),
    ...(interpreter.headers ? [] : [`Python.h (Debian: python3-dev, Fedora: python3-devel)`]),
  ];
  if (missing.length === 0) return;
  throw distError(root.subject, 'DIST_BUILD_ROOT_COMPILER', [
    `it has no ${missing.join(' and no ')}, which ${compiled.join(', ')} needs`,
    'Install them in the root, or name another one.',
  ]);
}
