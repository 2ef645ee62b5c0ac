// Creates the layer of an application above those of its wheels: the files of its RPM, its environment, its account.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LayerEntry } from '@pinpack/oci-image';
import { DEFAULT_MTIME } from '@pinpack/rpm-gen';
import type { Manifest } from '../application-rpm/manifest.js';
import { applicationPaths } from '../application-rpm/application-paths.js';
import type { ApplicationRequest } from '../application-rpm/application-request.js';
import { setLabel } from '../names/rpm-names.js';
import { planAccount, type Account } from './image-account.js';
import { readText, type Base } from './base-image.js';
import { makeEnvironment, writeTrees } from './image-environment.js';
import type { ApplicationRpms } from './application-rpms.js';
import { readRpmEntries, readWheelEntries } from './rpm-entries.js';

const UNITS = 'usr/lib/systemd/';
const TMPFILES = 'usr/lib/tmpfiles.d';
/** systemd.exec(5): where systemd makes the folders of a service. */
const FOLDERS = { StateDirectory: 'var/lib', CacheDirectory: 'var/cache', LogsDirectory: 'var/log' };

export interface ApplicationLayer {
  entries: LayerEntry[];
  account: Account | undefined;
}

/** Leaves out the files of the RPM that only a server uses: systemd units, tmpfiles.d, and the manifest that environments are created from. */
export async function readApplicationLayer(
  request: ApplicationRequest,
  rpms: ApplicationRpms,
  base: Base,
  python: string,
): Promise<ApplicationLayer> {
  const { settings } = request;
  const delivered = await readRpmEntries(rpms.own);
  const manifest = readManifest(delivered, rpms.own.name);
  const { manifest: unused, environmentsFolder } = applicationPaths(manifest.name);
  const isServers = (path: string): boolean => `${environmentsFolder}/`.startsWith(`/${path}/`) && path !== 'usr/lib';
  const own = delivered.filter(
    ({ path }) => !path.startsWith(UNITS) && !path.startsWith(TMPFILES) && `/${path}` !== unused && !isServers(path),
  );
  const environment = await inWorkFolder(async (folder) => {
    const trees = join(folder, 'trees');
    await mkdir(trees);
    await mkdir(join(folder, 'home'));
    for (const rpm of rpms.wheels) writeTrees(await readWheelEntries(rpm), trees);
    return makeEnvironment({ manifest, rootfs: base.rootfs, python, trees, folder: join(folder, 'home') });
  });
  const account = settings.user === undefined ? undefined : await readAccount(settings.user, manifest.name, base);
  return {
    entries: [
      ...own,
      ...environment,
      ...(account === undefined ? [] : accountEntries(account)),
      ...stateEntries(delivered, account),
      contentsEntry(request, rpms, base),
    ],
    account,
  };
}

function readManifest(entries: readonly LayerEntry[], name: string): Manifest {
  const path = applicationPaths(name).manifest.slice(1);
  const data = entries.find((entry) => entry.path === path)?.data;
  if (data === undefined) throw new RangeError(`${name} has no ${path}`);
  return JSON.parse(Buffer.from(data).toString('utf8')) as Manifest;
}

async function inWorkFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-image-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readAccount(user: string, name: string, base: Base): Promise<Account> {
  return planAccount(user, name, await readText(base, 'etc/passwd'), await readText(base, 'etc/group'));
}

function accountEntries({ passwd, group }: Account): LayerEntry[] {
  const files = { 'etc/passwd': passwd, 'etc/group': group };
  return Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [file(path, text)]));
}

/** The folders that systemd would make for the services. */
function stateEntries(delivered: readonly LayerEntry[], account: Account | undefined): LayerEntry[] {
  const { uid = 0, gid = 0 } = account ?? {};
  const units = delivered.filter(({ path }) => path.startsWith(UNITS) && path.endsWith('.service'));
  const lines = units.flatMap(({ data = new Uint8Array() }) => Buffer.from(data).toString('utf8').split('\n'));
  const paths = Object.entries(FOLDERS).flatMap(([directive, parent]) =>
    lines
      .filter((line) => line.startsWith(`${directive}=`))
      .flatMap((line) => line.slice(directive.length + 1).split(' '))
      .filter((name) => /^[\w@+-][\w@.+-]*$/.test(name))
      .map((name) => `${parent}/${name}`),
  );
  return [...new Set(paths)].map((path) => ({
    ...{ path, kind: 'directory', mode: 0o755, mtime: DEFAULT_MTIME, uid, gid },
  }));
}

/** Lists the RPMs, since an image has no rpm database. */
function contentsEntry({ reqset }: ApplicationRequest, { own, wheels }: ApplicationRpms, { image }: Base): LayerEntry {
  const rpms = [own, ...wheels].map(({ name, version, release, architecture, sha256 }) => ({
    name,
    version,
    release,
    architecture,
    sha256,
  }));
  const contents = { format: 1, reqset: setLabel(reqset), base: image.descriptor.digest, rpms };
  return besideContents(own.name, 'image.json', `${JSON.stringify(contents, undefined, 2)}\n`);
}

/** A file in the folder of image.json. @param name - of the application's RPM */
export function besideContents(name: string, fileName: string, text: string): LayerEntry {
  return file(`${applicationPaths(name).folder.slice(1)}/${fileName}`, text);
}

function file(path: string, text: string): LayerEntry {
  return { path, kind: 'file', mode: 0o644, mtime: DEFAULT_MTIME, data: Buffer.from(text) };
}
