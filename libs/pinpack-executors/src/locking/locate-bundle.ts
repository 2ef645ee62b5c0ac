// Finds and inspects the Python that a set brings along, so that `lock` reports what would fail on servers.
import {
  locateInterpreter,
  type BuildRoot,
  type InterpreterInput,
  type Lock,
  type LockInputs,
  type LockTools,
} from '@pinpack/python-dist';
import { checkInterpreter } from '@pinpack/rpm-packaging';

export interface BundleRequest {
  root: string;
  set: string;
  tools: LockTools;
  inputs: LockInputs;
  previous: Lock | undefined;
  buildRoot: BuildRoot | undefined;
}

export interface LocatedBundle {
  /** With the digest of the interpreter. */
  inputs: LockInputs;
  /** Which builds with the interpreter. */
  buildRoot: BuildRoot | undefined;
}

/** @throws DistError `DIST_PYTHON_*`. @throws PackagingError `PINPACK_PYTHON_UNUSABLE`, `PINPACK_GLIBC_TOO_NEW` */
export async function locateBundle(request: BundleRequest): Promise<LocatedBundle> {
  const { root, tools, inputs, previous, buildRoot } = request;
  const { interpreter: input, target } = inputs;
  if (input === undefined) return { inputs, buildRoot };
  const { python, platform } = target;
  const { index, cache, progress, policy } = tools;
  const { input: located, folder } = await locateInterpreter({
    ...{ input, python, previous: previous?.interpreter, root, index, cache, progress, policy, buildRoot },
  });
  const { location } = located;
  const { openssl, contains = known(located, previous) } = await checkInterpreter({
    ...{ python, platform, folder, interpreter: located },
  });
  const tls = openssl === undefined ? "the system's OpenSSL" : `its own OpenSSL ${openssl}`;
  progress(`Python ${python} from ${location}, with ${tls}`);
  const found = located.found && { ...located.found, ...(contains !== undefined && { contains }) };
  const interpreter = { ...located, ...(found !== undefined && { found }) };
  return { inputs: { ...inputs, interpreter }, buildRoot: buildRoot && { ...buildRoot, python: folder } };
}

/** What another machine recorded, which the interpreter runs on. */
function known({ found }: InterpreterInput, previous: Lock | undefined): Readonly<Record<string, string>> | undefined {
  return previous?.interpreter?.sha256 === found?.sha256 ? previous?.interpreter?.contains : undefined;
}
