/** The shim: an RPM without files that provides what the host's /usr gives to the RPMs under test. */
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProgram } from './program.js';
import { buildRpm } from './rpm-build.js';

const CACHE = join(dirname(fileURLToPath(import.meta.url)), '../../node_modules/.cache/pinpack-e2e');
const PROGRAMS = ['/bin/sh', '/bin/bash', '/usr/bin/sh', '/usr/bin/bash', '/usr/bin/env', '/usr/bin/python3'];

export interface HostFacts {
  /** `3.11.2`, of /usr/bin/python3. */
  pythonVersion: string;
  /** As rpm names them: `libc.so.6(GLIBC_2.34)(64bit)`. */
  sonames: readonly string[];
}

/** The shim's path. It is built once for one state of the host: the cache's key is the digest of its spec file. */
export async function hostShim(cache = CACHE): Promise<string> {
  const specFile = formatShimSpec(await readHostFacts());
  const folder = join(cache, createHash('sha256').update(specFile).digest('hex').slice(0, 32));
  const shim = join(folder, 'host-shim-1-1.noarch.rpm');
  return access(shim).then(
    () => shim,
    () => buildRpm(folder, specFile),
  );
}

export function formatShimSpec({ pythonVersion, sonames }: HostFacts): string {
  const [major, minor] = pythonVersion.split('.');
  const provides = [
    ...PROGRAMS,
    `python3 = ${pythonVersion}`,
    `python(abi) = ${major ?? ''}.${minor ?? ''}`,
    // glibc's package says this by hand; elfdeps does not.
    'rtld(GNU_HASH)',
    ...new Set(sonames),
  ];
  return [
    ...['Name: host-shim', 'Version: 1', 'Release: 1', 'Summary: What the /usr of the host gives', 'License: MIT'],
    ...['BuildArch: noarch', 'AutoReqProv: no'],
    ...provides.map((capability) => `Provides: ${capability}`),
    ...['%description', 'Stands for the system packages of the host in tests.', '%files', ''],
  ].join('\n');
}

async function readHostFacts(): Promise<HostFacts> {
  const version = 'import platform; print(platform.python_version())';
  const [pythonVersion, sonames] = await Promise.all([
    readProgram('/usr/bin/python3', ['-I', '-c', version]),
    readSonames(),
  ]);
  return { pythonVersion, sonames };
}

/** Sorted, so that the order of the linker's cache does not matter. */
async function readSonames(): Promise<string[]> {
  const cache = await readProgram('/sbin/ldconfig', ['-p']);
  const libraries = cache.split('\n').flatMap((line) => line.split(' => ')[1] ?? []);
  const provides = await readProgram('/usr/lib/rpm/elfdeps', ['--provides'], { input: libraries.join('\n') + '\n' });
  return [...new Set(provides.split('\n').filter((line) => line !== ''))].sort();
}
