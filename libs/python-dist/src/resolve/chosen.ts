// Chooses the wheel of each distribution that pip would choose on the target.
import { issue, throwIssues, type DistIssue } from '../dist-error.js';
import type { IndexClient } from '../index/index-client.js';
import type { WheelFile } from '../names/distribution-file.js';
import type { Attempt } from './advice.js';
import type { Resolved } from './compile.js';
import { diagnosePins } from './diagnose.js';
import { chooseWheels } from '../uv/evaluate.js';
import type { TargetEnvironment } from '../names/target-environment.js';
import type { Uv } from '../uv/uv.js';

/** A distribution and its chosen wheel. */
export interface Chosen {
  name: string;
  version: string;
  wheel: WheelFile & { url: string };
}

interface ChooseTools {
  uv: Uv;
  index: IndexClient;
  /** Resolves the changed set, to try advice. */
  attempt?: Attempt | undefined;
}

/** @throws DistError `DIST_RESOLVE_NO_WHEEL` */
export async function choose(
  { uv, index, attempt }: ChooseTools,
  subject: string,
  resolved: Resolved[],
  target: TargetEnvironment,
): Promise<Chosen[]> {
  const candidates = Object.fromEntries(resolved.map(({ name, wheels }) => [name, wheels.map((wheel) => wheel.name)]));
  const best = await chooseWheels(uv, target, candidates);
  const chosen = resolved.map(({ wheels, ...pin }) => ({
    ...pin,
    wheel: wheels.find((wheel) => wheel.name === best[pin.name]),
  }));
  const without = chosen.filter(({ wheel }) => wheel === undefined);
  throwIssues(
    subject,
    without.length > 0 ? await diagnosePins(without, new Set(), { target, uv, index, attempt }) : [],
  );
  throwIssues(
    subject,
    without.map((pin) => onlyOtherFiles(pin, target.python)),
  );
  return Promise.all(
    chosen.map(async ({ name, version, wheel }) => ({
      name,
      version,
      wheel: await withSize(index, name, wheel as Chosen['wheel']),
    })),
  );
}

/** The index has a compatible wheel, but it is not one of the allowed files, or uv does not list it. */
function onlyOtherFiles({ name, version }: Pick<Chosen, 'name' | 'version'>, python: string): DistIssue {
  const hasGil = !python.endsWith('t');
  return issue(
    'DIST_RESOLVE_NO_WHEEL',
    `${name}==${version}: ${hasGil ? 'no allowed wheel is compatible with the target' : `uv omits its wheels for Python ${python}, which has no GIL`}`,
    hasGil
      ? 'Add the hash of a compatible wheel.'
      : `Build it from source: "build": {"${name}": {"from": "sdist"}} in reqset.json, or change "python" to a Python with the GIL.`,
  );
}

/** Adds the assigned index, size and digest. If the index's page lacks them, the file is downloaded. */
export async function withSize<File extends WheelFile>(index: IndexClient, name: string, file: File): Promise<File> {
  const assigned = index.assigned(name);
  const located = assigned === undefined ? file : { ...file, index: assigned };
  if (file.size > 0 && file.sha256 !== '') return located;
  return { ...located, ...(await index.measure(name, file.name)) };
}

/** The fields that a lock records. */
export function lockedFile({ name, size, sha256, index, origin }: WheelFile): WheelFile {
  return { name, size, sha256, ...(index !== undefined && { index }), ...(origin !== undefined && { origin }) };
}
