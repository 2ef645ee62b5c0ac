// `nx run <reqset>:lock`: resolves requirements.txt into pylock.toml and the pin files.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { Progress } from '@pinpack/common/progress';
import {
  decodeText,
  isResolvable,
  lockReqset,
  parseForeignLock,
  type ForeignLock,
  type Lock,
  type LockTools,
} from '@pinpack/python-dist';
import { applicationWarnings } from '../../locking/application-warnings.js';
import { openBuildRoot } from '../../build-roots/open-build-root.js';
import { layoutWarnings } from '../../locking/layout-warnings.js';
import { locateBundle } from '../../locking/locate-bundle.js';
import { openLockTools } from '../../locking/open-lock-tools.js';
import { planFixes } from '../../locking/plan-fixes.js';
import { pluginOptions, type PluginOptions } from '../../workspace/plugin-options.js';
import { fleetWarnings } from '../../locking/fleet-warnings.js';
import { bundledFolder, machineWarnings, thisMachine } from '../../locking/machine-warnings.js';
import { planOptions, type RequestedOptions } from '../../locking/plan-options.js';
import { summarizeLock } from '../../locking/summarize-lock.js';
import { overlapWarnings } from '../../overlaps/overlap-warnings.js';
import { PinpackError } from '../../pinpack-error.js';
import { reportFailure, type Outcome } from '../../tasks/report-failure.js';
import { warn } from '../../tasks/warn.js';
import { reqsetPaths } from '../../workspace/workspace-paths.js';
import { setLabel, splitSet } from '@pinpack/rpm-packaging';
import { LockedLicenses } from '../../licensing/locked-licenses.js';
import { checkPolicy } from '../../licensing/license-policy.js';
import { readLockInputs } from '../../workspace/read-lock-inputs.js';
import { readLock } from '../../workspace/read-lock.js';
import { readSets, readSettings } from '../../workspace/reqset-settings.js';
import { removeObsoleteSets, writeLock } from '../../workspace/write-lock.js';

export interface LockTargetOptions extends RequestedOptions {
  /** A reqset with all its variants, or one variant: `multi/py311`. */
  reqset: string;
}

export default async function lock(
  { reqset, ...requested }: LockTargetOptions,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  if (requested.excludeNewer !== undefined)
    console.log('note: --excludeNewer is now spelled --exclude-newer, as in uv');
  const outcomes: Outcome[] = [];
  const whole = await reportFailure(async () => {
    const isVariant = splitSet(reqset).variant !== undefined;
    const sets = isVariant ? [reqset] : readSets(root, reqset);
    const tools = await openLockTools(root, nxJsonConfiguration, (line) => {
      console.log(line);
    });
    const plugin = pluginOptions(nxJsonConfiguration);
    checkPolicy(plugin.licenses ?? {});
    for (const warning of applicationWarnings(root)) warn(warning);
    // A set that fails does not stop the others.
    for (const set of sets) outcomes.push(await reportFailure(() => lockSet({ root, set, tools, plugin }, requested)));
    if (!isVariant) await removeObsoleteSets(root, reqset, sets);
  });
  for (const { message } of [...outcomes, whole]) if (message !== undefined) console.error(message);
  return { success: [...outcomes, whole].every(({ success }) => success) };
}

interface LockContext {
  root: string;
  set: string;
  tools: LockTools;
  plugin: PluginOptions;
}

async function lockSet({ root, set, tools, plugin }: LockContext, requested: RequestedOptions): Promise<void> {
  const label = setLabel(set);
  const { requirements } = reqsetPaths(set);
  const inputs = await readLockInputs(root, set);
  const previous = readPrevious(root, set);
  const settings = readSettings(root, set);
  const { buildRoot: setting } = settings;
  const buildRoot = setting === undefined ? undefined : await openBuildRoot({ root, setting });
  // The plugin passes on the option as the environment variable.
  const { PINPACK_EXCLUDE_NEWER: excludeNewer = requested.excludeNewer } = process.env;
  const options = planOptions(label, { ...requested, excludeNewer }, previous);
  const fixes = { root, set, options: plugin, environment: process.env, today: today(), inputs, tools };
  const licenses = new LockedLicenses();
  const located = await locateBundle({ root, set, tools, inputs, previous, buildRoot });
  const made = await lockReqset(
    label,
    located.inputs,
    { ...licenses.listening({ ...tools, buildRoot: located.buildRoot }), onMetadata: metadataProgress(label) },
    {
      ...options,
      ...(requested.upgradeVulnerable === true && {
        minimum: await planFixes({ ...fixes, lock: readLock(root, set) }),
      }),
      previous,
      // uv does not resolve for this Python, so requirements.txt must be a complete lock.
      imported: await readForeignLock(
        root,
        requested.from ?? (isResolvable(inputs.target) ? undefined : requirements),
        requested,
      ),
    },
  );
  await writeLock(root, set, made);
  console.log(summarizeLock(label, made, previous));
  for (const warning of layoutWarnings(label, made)) warn(warning);
  for (const problem of licenses.problems(plugin)) warn(problem);
  for (const warning of fleetWarnings(label, made, settings)) warn(warning);
  for (const warning of await machineWarnings(made, thisMachine(tools.uv, bundledFolder(made, tools.cache))))
    warn(warning);
  const index = tools.index.assigning(inputs.indexes);
  for (const warning of await overlapWarnings({ root, set, lock: made, index })) warn(warning);
}

/** Shows how many wheels' metadata are read. */
function metadataProgress(label: string): NonNullable<LockTools['onMetadata']> {
  let progress: Progress | undefined;
  return (total) => {
    progress ??= new Progress(`${label}: metadata`, { items: total, bytes: 0 });
    progress.step();
  };
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

async function readForeignLock(
  root: string,
  from: string | undefined,
  { extra = [], group = [] }: RequestedOptions,
): Promise<ForeignLock | undefined> {
  if (from === undefined) return undefined;
  const bytes = await readFile(resolve(root, from)).catch((cause: unknown) => {
    throw new PinpackError(
      'PINPACK_OPTIONS_INVALID',
      from,
      ['cannot be read', 'expected a lock of another tool, relative to the root of the workspace'],
      { cause },
    );
  });
  return parseForeignLock(decodeText(bytes, from), from, { extras: [extra].flat(), groups: [group].flat() });
}

/** Undefined if the lock is missing or damaged: then the Release of each pin starts at 1. */
function readPrevious(root: string, set: string): Lock | undefined {
  try {
    return readLock(root, set);
  } catch {
    return undefined;
  }
}
