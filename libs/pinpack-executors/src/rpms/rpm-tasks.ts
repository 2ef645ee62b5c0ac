// The targets `rpm` of pins and applications. The tasks of one run share the progress line.
import { join, relative } from 'node:path';
import { formatBytes, Progress } from '@pinpack/common/progress';
import { carriesBytecode, IndexClient, readIndexConfiguration, type Pin } from '@pinpack/python-dist';
import { applicationProject, pythonProject, wheelProject } from '@pinpack/rpm-packaging';
import pLimit from 'p-limit';
import { openBundledPython, type BundledRun } from '../build-roots/open-bundled-python.js';
import type { Output } from '../tasks/restore-output.js';
import type { RunContext } from '../tasks/run-executor.js';
import { limitsOf, vendorOf } from '../workspace/plugin-options.js';
import { readApplication, type ApplicationOptions } from '../workspace/read-application.js';
import { readBundledPython, type BundledPythonOptions } from '../workspace/read-bundled-python.js';
import { readPin, type PinOptions } from '../workspace/read-pin.js';
import { WheelFetcher } from '../wheels/fetch-wheel.js';
import { PinWheels } from '../wheels/pin-wheels.js';
import { makeApplicationRpm } from './make-application-rpm.js';
import { makePythonRpm } from './make-python-rpm.js';
import { makeWheelRpm } from './make-wheel-rpm.js';

/** Each holds its payload in memory, and the main thread can feed no more compressors. */
const PACKED_AT_ONCE = 3;

/** Makes one RPM. @throws DistError, RpmError, PackagingError, PinpackError */
type RpmTask<Options> = (options: Options) => Promise<void>;

/** @param count - tasks of the run */
export function wheelRpmTask({ root, settings, policy, store }: RunContext, count: number): RpmTask<PinOptions> {
  const inTurn = pLimit(1);
  const packing = pLimit(PACKED_AT_ONCE);
  const fetcher = new WheelFetcher(root, store, settings);
  const wheels = new PinWheels(root, fetcher);
  const compilers = new BundledCompilers({ root, policy }, fetcher);
  const nameOf = ({ reqset, pin }: PinOptions): string => wheelProject(reqset, pin);
  return rpmTask({ root, count, nameOf }, async (options: PinOptions) => {
    const { reqset } = options;
    const pin = readPin(root, options);
    const limits = limitsOf(settings);
    const compiler = await compilers.of(reqset, pin);
    const common = { root, reqset, pin, wheels, packing, vendor: vendorOf(settings), limits, inTurn, compiler };
    const request = { ...common, store: await store };
    return makeWheelRpm(request);
  });
}

/** The Pythons of a run that sets bring along and that compile the bytecode of their wheels. */
class BundledCompilers {
  private readonly known = new Map<string, Promise<string | undefined>>();

  constructor(
    private readonly run: BundledRun,
    private readonly fetcher: WheelFetcher,
  ) {}

  /** Undefined if the wheel has no bytecode, or the set uses the system's Python. */
  async of(reqset: string, pin: Pin): Promise<string | undefined> {
    if (pin.bundled !== true || !carriesBytecode(pin)) return undefined;
    const known = this.known.get(reqset);
    const folder = await (known ?? this.remember(reqset, openBundledPython(this.run, reqset, this.fetcher)));
    return folder && join(folder, 'bin', `python${pin.python}`);
  }

  private remember(reqset: string, folder: Promise<string | undefined>): Promise<string | undefined> {
    this.known.set(reqset, folder);
    return folder;
  }
}

/** @param count - tasks of the run */
export function applicationRpmTask({ root, settings, store }: RunContext, count: number): RpmTask<ApplicationOptions> {
  const openIndex = async (): Promise<IndexClient> =>
    IndexClient.of(await readIndexConfiguration(root), { limits: limitsOf(settings) });
  const nameOf = ({ reqset, app }: ApplicationOptions): string => applicationProject(reqset, app);
  return rpmTask({ root, count, nameOf }, async (options: ApplicationOptions) => {
    const request = readApplication(root, options);
    return makeApplicationRpm({ root, request, vendor: vendorOf(settings), store: await store, openIndex });
  });
}

/** @param count - tasks of the run */
export function pythonRpmTask(
  { root, settings, policy, store }: RunContext,
  count: number,
): RpmTask<BundledPythonOptions> {
  const fetcher = new WheelFetcher(root, store, settings);
  const nameOf = ({ reqset }: BundledPythonOptions): string => pythonProject(reqset);
  return rpmTask({ root, count, nameOf }, async (options: BundledPythonOptions) => {
    const python = readBundledPython(root, options);
    const vendor = vendorOf(settings);
    return makePythonRpm({ root, policy, set: options.reqset, python, vendor, fetcher, store: await store });
  });
}

interface RpmRun<Options> {
  root: string;
  count: number;
  /** The task's project. */
  nameOf: (options: Options) => string;
}

function rpmTask<Options>(
  { root, count, nameOf }: RpmRun<Options>,
  make: (options: Options) => Promise<Output>,
): RpmTask<Options> {
  const progress = new Progress('rpm', { items: count, bytes: 0 });
  return async (options) => {
    const project = nameOf(options);
    const { path, size, isRestored } = await progress.during(project, () => make(options));
    progress.advance(size);
    progress.done(`${project}: ${relative(root, path)}, ${formatBytes(size)}${isRestored ? ', from the store' : ''}`);
  };
}

/** In bytes. 0 if the wheel is built from source or the pin cannot be read, which its own task reports. */
export function wheelSize(root: string, options: PinOptions | undefined): number {
  try {
    const source = options && readPin(root, options).source;
    return source?.kind === 'wheel' ? source.wheel.size : 0;
  } catch {
    return 0;
  }
}
