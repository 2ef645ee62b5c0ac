// Compiles the bytecode that a wheel RPM contains in addition to the wheel's files: unchecked hash-based pycs (PEP 552), compiled by the reqset's own Python.
import { fileURLToPath } from 'node:url';
import type { Pin, Wheel, WheelEntry } from '@pinpack/python-dist';
import { execa } from 'execa';
import { PackagingError } from '../packaging-error.js';
import { findPython } from './find-python.js';

const PROGRAM = fileURLToPath(new URL('../../python/compile_bytecode.py', import.meta.url));
const NEW_LINE = 0x0a;

export interface Bytecode {
  /** In the tree: `numpy/__pycache__/__init__.cpython-311.pyc` */
  name: string;
  data: Uint8Array;
}

interface Source {
  name: string;
  data: Uint8Array;
}

/**
 * The bytecode of each module of a wheel that compiles, in the order of the wheel's files.
 *
 * @param tree - the folder on the server, which tracebacks name
 * @param compiler - the program; by default a Python of the minor version on this machine
 * @throws PackagingError `PINPACK_PYTHON_MISSING`, `PINPACK_COMPILE_FAILED`
 */
export async function compileBytecode(
  wheel: Pick<Wheel, 'entries' | 'read' | 'fileName'>,
  pin: Pick<Pin, 'python'>,
  tree: string,
  compiler?: string,
): Promise<Bytecode[]> {
  const sources = await readSources(wheel);
  if (sources.length === 0) return [];
  const python = compiler ?? (await findPython(pin.python));
  const shipped = new Set(wheel.entries.map(({ name }) => name));
  const compiled = await compileSources(python, wheel.fileName, tree, sources);
  return compiled.filter(({ name }) => !shipped.has(name));
}

/**
 * @param python - the program
 * @param subject - for messages
 * @param tree - the folder on the server
 * @throws PackagingError `PINPACK_COMPILE_FAILED`
 */
export async function compileSources(
  python: string,
  subject: string,
  tree: string,
  sources: readonly Source[],
): Promise<Bytecode[]> {
  const { tag, pycs } = await runCompiler(python, subject, tree, sources);
  return sources.flatMap(({ name }, index): Bytecode[] => {
    const data = pycs[index];
    return data === undefined ? [] : [{ name: pycName(name, tag), data }];
  });
}

async function readSources({ entries, read }: Pick<Wheel, 'entries' | 'read'>): Promise<Source[]> {
  const sources: Source[] = [];
  for (const entry of entries.filter(isModule)) sources.push({ name: entry.name, data: (await read(entry)).data });
  return sources;
}

/** Files below `.data` are installed elsewhere and may not be modules. */
function isModule({ name }: WheelEntry): boolean {
  return name.endsWith('.py') && !/^[^/]+\.(?:data|dist-info)\//.test(name);
}

/** `numpy/core.py` → `numpy/__pycache__/core.cpython-311.pyc` (PEP 3147). */
function pycName(name: string, tag: string): string {
  const split = name.lastIndexOf('/') + 1;
  return `${name.slice(0, split)}__pycache__/${name.slice(split, -'.py'.length)}.${tag}.pyc`;
}

async function runCompiler(python: string, subject: string, tree: string, sources: readonly Source[]) {
  const question = {
    names: sources.map(({ name }) => `${tree}/${name}`),
    sizes: sources.map(({ data }) => data.length),
  };
  const input = Buffer.concat([Buffer.from(`${JSON.stringify(question)}\n`), ...sources.map(({ data }) => data)]);
  const { stdout, stderr, exitCode, failed } = await execa(python, ['-s', '-S', '-W', 'ignore', PROGRAM], {
    input,
    encoding: 'buffer',
    maxBuffer: Number.MAX_SAFE_INTEGER,
    stripFinalNewline: false,
    reject: false,
    env: compilerEnvironment(process.env),
  });
  if (!failed) return splitAnswer(Buffer.from(stdout));
  throw new PackagingError('PINPACK_COMPILE_FAILED', subject, [
    `${python} could not compile its modules, exit code ${exitCode ?? 'none'}`,
    ...Buffer.from(stderr).toString().trimEnd().split('\n').slice(-5),
  ]);
}

/** Without the user's Python settings, and with a fixed seed: the order of sets among the constants depends on it. `-I` would ignore the seed too. */
export function compilerEnvironment(
  environment: Record<string, string | undefined>,
): Record<string, string | undefined> {
  const settings = Object.keys(environment).filter((name) => name.startsWith('PYTHON'));
  return { ...Object.fromEntries(settings.map((name) => [name, undefined])), PYTHONHASHSEED: '0' };
}

function splitAnswer(answer: Buffer): { tag: string; pycs: (Uint8Array | undefined)[] } {
  const end = answer.indexOf(NEW_LINE);
  const { tag, sizes } = JSON.parse(answer.subarray(0, end).toString()) as { tag: string; sizes: (number | null)[] };
  let offset = end + 1;
  const pycs = sizes.map((size) => {
    if (size === null) return undefined;
    offset += size;
    return answer.subarray(offset - size, offset);
  });
  return { tag, pycs };
}
