// `nx run <reqset>-python:rpm`: packs the RPM of the Python that the reqset brings along.
import type { ExecutorContext } from '@nx/devkit';
import { pythonRpmTask } from '../../rpms/rpm-tasks.js';
import { runTask } from '../../tasks/run-executor.js';
import type { BundledPythonOptions } from '../../workspace/read-bundled-python.js';

export default async function pythonRpm(
  options: BundledPythonOptions,
  context: ExecutorContext,
): Promise<{ success: boolean }> {
  return runTask(context, (run) => pythonRpmTask(run, 1)(options));
}
