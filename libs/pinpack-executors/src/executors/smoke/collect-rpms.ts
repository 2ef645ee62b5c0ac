// The RPMs that an application's installation takes: its own, those that it requires at an exact version and release, and pinpack-runtime.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRpm, type HeaderTags } from '@pinpack/rpm-gen';
import { PinpackError } from '../../pinpack-error.js';
import { rpmPattern } from '../../prune.js';
import { applicationProject, reqsetPlace, RUNTIME, setLabel } from '../../reqset/place.js';

/** Where the RPMs lie that belong to no reqset. */
export const RPMS = 'dist/rpms';

export interface ApplicationRpms {
  /** Absolute paths, the application's own first. */
  paths: string[];
  /** Names of the RPMs, in the same order. */
  names: string[];
}

/**
 * @param fileName - of the application's RPM: where Nx restored this one from its cache, that of another release may lie beside it
 * @throws PinpackError `PINPACK_RPM_MISSING` that names every RPM that isn't there. @throws RpmError where the application's is damaged
 */
export async function collectRpms(
  root: string,
  { reqset, app, rpm: fileName }: { reqset: string; app: string; rpm: string },
): Promise<ApplicationRpms> {
  const { rpms: folder } = reqsetPlace(reqset);
  const own = await findRpm(root, folder, applicationProject(reqset, app), versionOf(fileName));
  const { header } = readRpm(await readFile(join(root, own)), own);
  const required = exactRequires(header).filter(({ name }) => name.startsWith(`${setLabel(reqset)}-`));
  const found = await Promise.allSettled([
    ...required.map(({ name, version }) => findRpm(root, folder, name, version)),
    findRpm(root, RPMS, RUNTIME),
  ]);
  const missing = found.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  if (missing.length > 0) {
    throw new PinpackError('PINPACK_RPM_MISSING', applicationProject(reqset, app), [
      'the RPMs that it needs are not all there',
      ...missing.map(({ message }) => message),
    ]);
  }
  const others = found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return {
    paths: [own, ...others].map((path) => join(root, path)),
    names: [applicationProject(reqset, app), ...required.map(({ name }) => name), RUNTIME],
  };
}

/** `version` is `version-release`, without epoch. */
interface ExactRequire {
  name: string;
  version: string;
}

const EQUAL = 8;
const SENSES = 2 | 4 | 8;

/** Pure: what the header requires with `=` and a release, each once. */
export function exactRequires({
  REQUIRENAME = [],
  REQUIREFLAGS = [],
  REQUIREVERSION = [],
}: HeaderTags): ExactRequire[] {
  const all = REQUIRENAME.map((name, index): [string, string] | undefined => {
    const version = REQUIREVERSION[index] ?? '';
    const isExact = ((REQUIREFLAGS[index] ?? 0) & SENSES) === EQUAL && version.includes('-');
    return isExact ? [name, version.replace(/^\d+:/, '')] : undefined;
  });
  const unique = new Map(all.filter((require) => require !== undefined));
  return [...unique].map(([name, version]) => ({ name, version }));
}

/** `1.0.0-1` of `demo-sample-1.0.0-1.noarch.rpm` */
function versionOf(fileName: string): string {
  return /([^-]+-[^-]+)\.[^.]+\.rpm$/.exec(fileName)?.[1] ?? fileName;
}

/** The path of the only RPM of a name, relative to the root. @throws PinpackError `PINPACK_RPM_MISSING` */
export async function findRpm(root: string, folder: string, name: string, version?: string): Promise<string> {
  const files = (await readdir(join(root, folder)).catch(() => [])).filter((file) => rpmPattern(name).test(file));
  const fitting = files.filter((file) => version === undefined || file.startsWith(`${name}-${version}.`));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return `${folder}/${only}`;
  const wanted = version === undefined ? name : `${name}-${version}`;
  throw new PinpackError('PINPACK_RPM_MISSING', wanted, [
    `${fitting.length} RPMs of it in ${folder}, expected one`,
    `Make it: nx run ${name}:rpm`,
  ]);
}
