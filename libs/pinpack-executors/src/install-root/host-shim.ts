/** The shim: an RPM without files that provides what the host's /usr gives to the RPMs that are installed over it. */
import { createHash } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import {
  DEFAULT_MTIME,
  elfRequires,
  encodeRpm,
  fileName,
  packPayload,
  type Relation,
  type RpmSpec,
} from '@pinpack/rpm-gen';
import { readProgram } from '@pinpack/common/program';

export interface HostFacts {
  /** `3.11.2`, of /usr/bin/python3. */
  pythonVersion: string;
  /** `3.11`, … of every /usr/bin/python3.<minor>. */
  pythonMinors: readonly string[];
  /** As rpm names them, `libc.so.6(GLIBC_2.34)(64bit)`; paths, `/bin/sh`; packages, `systemd`. */
  capabilities: readonly string[];
}

export interface HostShim {
  fileName: string;
  chunks: Uint8Array[];
}

/** Packages that others require by name, and what of theirs shows that the host has the like. */
const STANDS_FOR: Record<string, string> = { systemd: '/usr/bin/systemctl', 'shadow-utils': '/usr/sbin/useradd' };

/** Pure. Its name has a digest of what it provides, so that one that provides more can be installed beside it. */
export async function encodeHostShim(facts: HostFacts): Promise<HostShim> {
  const provides = shimProvides(facts);
  const digest = createHash('sha256').update(JSON.stringify(provides)).digest('hex').slice(0, 16);
  const spec: RpmSpec = {
    name: `host-shim-${digest}`,
    version: '1',
    release: '1',
    architecture: 'noarch',
    summary: "What the host's /usr gives",
    description: "Stands for the host's system packages where RPMs are installed to be tried.",
    license: 'MIT',
    buildTime: DEFAULT_MTIME,
    buildHost: 'pinpack',
    provides,
    scriptlets: {},
    changelog: [],
  };
  const { chunks } = encodeRpm(spec, await packPayload([], { kind: 'none' }));
  return { fileName: fileName(spec), chunks };
}

function shimProvides({ pythonVersion, pythonMinors, capabilities }: HostFacts): Relation[] {
  return [
    { name: 'python3', sense: '=', version: pythonVersion },
    ...[...new Set(pythonMinors)].map((version): Relation => ({ name: 'python(abi)', sense: '=', version })),
    // glibc's package says this by hand; elfdeps does not.
    { name: 'rtld(GNU_HASH)' },
    ...[...new Set(capabilities)].map((name) => ({ name })),
  ];
}

/** @param wanted - what the RPMs require, by name; of it the host has what is in the result, and no more is looked for */
export async function readHostFacts(wanted: readonly string[]): Promise<HostFacts> {
  const version = 'import platform; print(platform.python_version())';
  const [pythonVersion, programs, capabilities] = await Promise.all([
    readProgram('/usr/bin/python3', ['-I', '-c', version]),
    readdir('/usr/bin'),
    readCapabilities(wanted),
  ]);
  const pythonMinors = programs.flatMap((name) => /^python(3\.\d+)$/.exec(name)?.[1] ?? []);
  const minor = pythonVersion.split('.').slice(0, 2).join('.');
  return { pythonVersion, pythonMinors: [...new Set([minor, ...pythonMinors])].sort(), capabilities };
}

async function readCapabilities(wanted: readonly string[]): Promise<string[]> {
  const paths = await Promise.all(
    [...new Set(wanted)].map(async (name) => ((await exists(STANDS_FOR[name] ?? name)) ? [name] : [])),
  );
  return [...new Set([...paths.flat(), ...(await readSonames(wanted))])].sort();
}

async function exists(path: string): Promise<boolean> {
  return (
    path.startsWith('/') &&
    (await access(path).then(
      () => true,
      () => false,
    ))
  );
}

/** What the libraries provide whose sonames are wanted: all of them would be most of a gigabyte to read. */
async function readSonames(wanted: readonly string[]): Promise<string[]> {
  const sonames = new Set(wanted.flatMap((name) => /^([^/(\s]+\.so[^(\s]*)\(/.exec(name)?.[1] ?? []));
  const cache = await readProgram('/sbin/ldconfig', ['-p']);
  const libraries = cache.split('\n').flatMap((line) => {
    const [, soname = '', path] = /^\s*(\S+) \(.*\) => (.*)$/.exec(line) ?? [];
    return path !== undefined && sonames.has(soname) ? [path] : [];
  });
  const found = await Promise.all(libraries.map(async (path) => elfRequires(await readFile(path))?.provides ?? []));
  return found.flat();
}
