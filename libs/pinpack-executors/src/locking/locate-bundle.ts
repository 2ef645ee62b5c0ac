// Finds and inspects the Python that a set brings along, so that `lock` reports what would fail on servers.
import { locateInterpreter, minorVersion, type Lock, type LockInputs, type LockTools } from '@pinpack/python-dist';
import { inspectInterpreter } from '@pinpack/rpm-packaging';

export interface BundleRequest {
  root: string;
  set: string;
  tools: LockTools;
  inputs: LockInputs;
  previous: Lock | undefined;
}

/**
 * The inputs with the digest of the interpreter.
 *
 * @throws DistError `DIST_PYTHON_*`. @throws PackagingError `PINPACK_PYTHON_UNUSABLE`
 */
export async function locateBundle({ root, tools, inputs, previous }: BundleRequest): Promise<LockInputs> {
  const { interpreter: input, target } = inputs;
  if (input === undefined) return inputs;
  const { python, platform } = target;
  const { index, cache, progress } = tools;
  const request = { input, python, previous: previous?.interpreter, root, index, cache, progress };
  const { input: located, folder } = await locateInterpreter(request);
  const { location } = located;
  const { openssl } = await inspectInterpreter(folder, { minor: minorVersion(python), platform, location });
  const tls = openssl === undefined ? "the system's OpenSSL" : `its own OpenSSL ${openssl}`;
  progress(`Python ${python} from ${location}, with ${tls}`);
  return { ...inputs, interpreter: located };
}
