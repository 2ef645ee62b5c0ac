// `nx run <reqset>:lock`: resolves requirements.txt into pylock.toml and the pin files. The only target that asks the index what there is.
import type { ExecutorContext } from '@nx/devkit';
import { applicationsOf, IndexClient, lockReqset, readIndexConfiguration, Uv, type Lock } from '@pinpack/python-dist';
import { planOptions } from './plan-options.js';
import { checkTools } from '../../application/tools.js';
import { reportFailure } from '../../report-failure.js';
import { readLockInputs } from '../../reqset/read-inputs.js';
import { readLock } from '../../reqset/read-lock.js';
import { writeLock } from '../../reqset/write-lock.js';

export interface LockTargetOptions {
  reqset: string;
  /** `true`: every pin takes newer versions; a text: those that it names, with `,` between. */
  upgrade?: boolean | string;
  excludeNewer?: string;
}

export default async function lock(
  { reqset, upgrade, excludeNewer }: LockTargetOptions,
  { root }: ExecutorContext,
): Promise<{ success: boolean }> {
  const { success, message } = await reportFailure(async () => {
    const inputs = await readLockInputs(root, reqset);
    const index = await readIndexConfiguration(root);
    const tools = {
      uv: await Uv.find(root, index),
      index: new IndexClient(index),
      progress: (line: string) => {
        console.log(line);
      },
    };
    const previous = readPrevious(root, reqset);
    const options = planOptions(reqset, { upgrade, excludeNewer }, previous);
    const made = await lockReqset(reqset, inputs, tools, { ...options, previous });
    checkTools(reqset, made);
    await writeLock(root, reqset, made);
    console.log(summarize(reqset, made, previous));
  });
  if (message !== undefined) console.error(message);
  return { success };
}

/** A damaged lock is no reason not to make a good one; it only can't tell which releases were given. */
function readPrevious(root: string, reqset: string): Lock | undefined {
  try {
    return readLock(root, reqset);
  } catch {
    return undefined;
  }
}

/** One line for each pin that changed, and a count. */
export function summarize(reqset: string, made: Lock, previous: Lock | undefined): string {
  const [before, after] = [releasesOf(previous), releasesOf(made)];
  const changes = [
    ...[...after].flatMap(([name, now]) => {
      const was = before.get(name);
      if (was === now) return [];
      return [was === undefined ? `  + ${name} ${now}` : `  ~ ${name} ${was} → ${now}`];
    }),
    ...[...before].flatMap(([name, was]) => (after.has(name) ? [] : [`  - ${name} ${was}`])),
  ];
  const counted = changes.length === 0 ? 'nothing changed' : `${changes.length} changed`;
  return [`${reqset}: ${made.packages.length} pins locked, ${counted}`, ...changes].join('\n');
}

function releasesOf(lock: Lock | undefined): Map<string, string> {
  if (lock === undefined) return new Map();
  const applications = applicationsOf(lock).map((app) => ({ ...app, name: `application ${app.name}` }));
  return new Map(
    [...lock.packages, ...applications].map(({ name, version, release }) => [name, `${version}-${release}`]),
  );
}
