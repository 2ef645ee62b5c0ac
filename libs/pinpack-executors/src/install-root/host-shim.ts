/** Encodes the host shim: an RPM without files that provides the capabilities of the host's /usr to the RPMs under test. */
import { createHash } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import {
  DEFAULT_MTIME,
  elfRequires,
  encodeRpm,
  fileName,
  operandsOf,
  packPayload,
  type Relation,
  type RpmSpec,
} from '@pinpack/rpm-gen';
import { readProgram } from '@pinpack/common/program';

export interface HostFacts {
  /** `3.11.2`, of /usr/bin/python3. */
  pythonVersion: string;
  /** `3.11`, … for every /usr/bin/python3.<minor>. */
  pythonMinors: readonly string[];
  /** As rpm names them, `libc.so.6(GLIBC_2.34)(64bit)`; paths, `/bin/sh`; packages, `systemd`. */
  capabilities: readonly string[];
}

export interface HostShim {
  fileName: string;
  chunks: Uint8Array[];
}

/** Packages that others require by name, each with a file that shows that the host has its function. */
const EVIDENCE_OF: Record<string, string> = { systemd: '/usr/bin/systemctl', 'shadow-utils': '/usr/sbin/useradd' };

/** Pure. The name contains a digest of the provides, so that shims with different provides can be installed side by side. */
export async function encodeHostShim(facts: HostFacts): Promise<HostShim> {
  const provides = shimProvides(facts);
  const digest = createHash('sha256').update(JSON.stringify(provides)).digest('hex').slice(0, 16);
  const spec: RpmSpec = {
    name: `host-shim-${digest}`,
    version: '1',
    release: '1',
    architecture: 'noarch',
    summary: "Capabilities of the host's /usr",
    description: "Replaces the host's system packages in a root where RPMs are tested.",
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
    // glibc's spec file adds this by hand; elfdeps does not find it.
    { name: 'rtld(GNU_HASH)' },
    ...[...new Set(capabilities)].map((name) => ({ name })),
  ];
}

/** @param wanted - names that the RPMs require; the result contains those that the host provides */
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

async function readCapabilities(names: readonly string[]): Promise<string[]> {
  const wanted = names.flatMap(operandsOf);
  const paths = await Promise.all(
    [...new Set(wanted)].map(async (name) => ((await exists(EVIDENCE_OF[name] ?? name)) ? [name] : [])),
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

/** The provides of the libraries with wanted sonames. Reading all libraries would be most of a gigabyte. */
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
