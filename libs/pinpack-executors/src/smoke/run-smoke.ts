// Runs the steps of the smoke test in a fresh root or container: install, verify, import, run a command and a server, remove, check for leftovers.
import { readFile } from 'node:fs/promises';
import type { SmokeSettings } from '@pinpack/rpm-packaging';
import type { ProgramResult } from '@pinpack/common/program';
import type { RunOptions } from '../install-root/install-root.js';
import { PinpackError } from '../pinpack-error.js';

/** Where the application is installed: an install root, or a container. */
export interface SmokeRoot {
  dnf(repository: string, args: readonly string[]): Promise<ProgramResult>;
  rpm(args: readonly string[]): Promise<ProgramResult>;
  run(argv: readonly string[], options?: RunOptions): Promise<ProgramResult>;
  /** Files, links and empty folders at and below a path; none if it does not exist. */
  files(path: string): Promise<string[]>;
}

export interface SmokePlan {
  /** `reqset3-my-app`: the project, and the RPM. */
  name: string;
  /** The distribution of the application's own library. */
  distribution: string;
  settings: SmokeSettings;
  /** The folder with the RPMs and their metadata. */
  repository: string;
  /** Names of all the RPMs, the application's first. */
  rpms: readonly string[];
}

/** The time that a server may take until it listens. */
const START_SECONDS = 60;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const SHOWN_FILES = 10;
const SHOWN_LINES = 5;
const LAST_LINES = 30;
const STATE = ['/usr/lib/pinpack', '/var/lib/pinpack'];

/**
 * @param report - called with one line for each completed step
 * @throws PinpackError `PINPACK_SMOKE_FAILED` with the step and the output
 */
export async function runSmoke(plan: SmokePlan, root: SmokeRoot, report: (line: string) => void): Promise<void> {
  await install(plan, root);
  report(`installed ${plan.rpms.length} RPMs, verified by rpm -V`);
  for (const { title, argv } of await planTries(plan)) {
    const result = await root.run(argv, { env: { PATH: `${scriptsOf(plan)}:${SYSTEM_PATH}`, HOME: '/root' } });
    if (result.failed) throw smokeFailed(plan, title, result);
    report(formatTry(title, result));
  }
  await remove(plan, root);
  report('removed without leftovers');
}

async function install(plan: SmokePlan, root: SmokeRoot): Promise<void> {
  const result = await root.dnf(plan.repository, ['install', plan.name]);
  // A failing scriptlet does not fail dnf, which only prints it.
  if (result.failed || /scriptlet failed/i.test(result.all)) throw smokeFailed(plan, 'dnf install', result);
  const verified = await root.rpm(['-V', ...plan.rpms]);
  if (verified.failed) throw smokeFailed(plan, 'rpm -V', verified);
}

async function remove(plan: SmokePlan, root: SmokeRoot): Promise<void> {
  const result = await root.dnf(plan.repository, ['remove', ...plan.rpms]);
  if (result.failed || /scriptlet failed/i.test(result.all)) throw smokeFailed(plan, 'dnf remove', result);
  const left = (await Promise.all([`/opt/${plan.name}`, ...STATE].map((path) => root.files(path)))).flat();
  if (left.length === 0) return;
  throw new PinpackError('PINPACK_SMOKE_FAILED', plan.name, [
    `removing it left ${left.length} files, expected none`,
    ...left.slice(0, SHOWN_FILES),
    ...(left.length > SHOWN_FILES ? ['…'] : []),
  ]);
}

interface Try {
  title: string;
  argv: string[];
}

/** The commands to try in the environment: the imports, and the configured command and server. */
async function planTries(plan: SmokePlan): Promise<Try[]> {
  const { imports = [], command, http } = plan.settings;
  const script = async (file: string, options: object): Promise<string[]> => [
    `${scriptsOf(plan)}/python`,
    '-I',
    '-c',
    await readScript(file),
    JSON.stringify(options),
  ];
  return [
    { title: 'imports', argv: await script('check_imports.py', { distribution: plan.distribution, imports }) },
    ...(command === undefined ? [] : [{ title: command.join(' '), argv: command }]),
    ...(http === undefined
      ? []
      : [{ title: http.command.join(' '), argv: await script('ask_http.py', { ...http, seconds: START_SECONDS }) }]),
  ];
}

/** tsc does not copy Python files, so the compiled executor reads them from the package too. */
function readScript(file: string): Promise<string> {
  return readFile(new URL(`../../python/${file}`, import.meta.url), 'utf8');
}

function scriptsOf({ name }: SmokePlan): string {
  return `/opt/${name}/venv/bin`;
}

function formatTry(title: string, { all }: ProgramResult): string {
  const lines = all.split('\n').filter((line) => line.trim() !== '');
  return `${title}: ${lines.length === 0 ? 'done' : lines.slice(0, SHOWN_LINES).join(', ')}`;
}

function smokeFailed({ name }: SmokePlan, step: string, result: ProgramResult): PinpackError {
  const output = result.all.split('\n').filter((line) => line.trim() !== '');
  return new PinpackError(
    'PINPACK_SMOKE_FAILED',
    name,
    [`${step}: exit code ${result.exitCode ?? result.signal ?? 'unknown'}`, ...output.slice(-LAST_LINES)],
    { cause: result },
  );
}
