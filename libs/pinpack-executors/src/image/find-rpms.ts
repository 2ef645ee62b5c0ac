// The RPMs that an application's image is made of, by what the lock says of them.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClosureMember } from '@pinpack/python-dist';
import type { ApplicationOrder } from '../application/read-application.js';
import { PinpackError } from '../pinpack-error.js';
import { applicationProject, reqsetPlace, wheelProject } from '../reqset/place.js';
import { applicationRpmFileName } from '../rpm/identity.js';
import { rpmVersion } from '../rpm/version.js';
import { readRpmFacts, type RpmFacts } from './read-rpm.js';

export interface ApplicationRpms {
  own: RpmFacts;
  /** What the environment holds, in the lock's order. */
  wheels: RpmFacts[];
  /** What it is made with: not in the image unless the environment holds it too. */
  tools: RpmFacts[];
}

/** @throws PinpackError `PINPACK_RPM_MISSING` that names every RPM that isn't there. @throws RpmError where one is damaged */
export async function findRpms(root: string, { reqset, application }: ApplicationOrder): Promise<ApplicationRpms> {
  const folder = join(root, reqsetPlace(reqset).rpms);
  const files = await readdir(folder).catch((): string[] => []);
  const own = applicationRpmFileName(reqset, application);
  const missing = files.includes(own) ? [] : [own];
  const find = (member: ClosureMember): string => {
    const start = `${wheelProject(reqset, member.name)}-${rpmVersion(member.version).version}-${member.release}.`;
    const found = files.find(
      (file) => /^(?:noarch|x86_64|aarch64)\.rpm$/.test(file.slice(start.length)) && file.startsWith(start),
    );
    if (found === undefined) missing.push(`${start}*.rpm`);
    return found ?? '';
  };
  const [wheels, tools] = [application.wheels.map(find), application.toolWheels.map(find)];
  if (missing.length > 0) {
    const project = applicationProject(reqset, application.name);
    throw new PinpackError('PINPACK_RPM_MISSING', project, [
      `not in ${reqsetPlace(reqset).rpms}: ${[...new Set(missing)].join(', ')}`,
      `Make them: nx run ${project}:rpm --skip-nx-cache`,
    ]);
  }
  const read = (names: readonly string[]): Promise<RpmFacts[]> =>
    Promise.all(names.map((name) => readRpmFacts(join(folder, name))));
  return { own: await readRpmFacts(join(folder, own)), wheels: await read(wheels), tools: await read(tools) };
}

/** As images name architectures, and where every RPM is `noarch` that of this machine, whose programs can be run. */
export function imageArchitecture(rpms: readonly RpmFacts[], machine: string = process.arch): string {
  const names: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', x64: 'amd64' };
  const found = rpms.find(({ architecture }) => architecture !== 'noarch')?.architecture ?? machine;
  return names[found] ?? found;
}
