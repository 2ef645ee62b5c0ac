// Packs the RPMs of the code that runs on servers: pinpack-runtime, and pinpack-wheelhouse, which a host installs on request.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRpm, fileName, packPayload, type RpmEntry, type RpmSpec } from '@pinpack/rpm-gen';
import type { PackedRpm } from '../wheel-rpm/pack-wheel-rpm.js';
import { licensesFolder } from '../wheel-rpm/wheel-rpm-paths.js';
import { DNF_PLUGINS, planDnfRpm, planRuntimeRpm, planWheelhouseRpm } from './plan-runtime-rpms.js';
import { readRuntimeFacts, RUNTIME_SOURCE } from './runtime-source.js';

const MODULES = '/usr/lib/pinpack-runtime';
const DNF_MODULES = '/usr/lib/pinpack-dnf';
const DNF_PROGRAMS = ['pinpack-patch', 'pinpack-dnf5', 'pinpack-fetch'];

export interface NamedRpm extends PackedRpm {
  name: string;
}

/** @throws RpmError */
export async function packRuntimeRpms(vendor: string): Promise<NamedRpm[]> {
  const facts = { ...(await readRuntimeFacts()), vendor };
  return [
    await pack(planRuntimeRpm(facts), await runtimeEntries()),
    await pack(planWheelhouseRpm(facts), []),
    await pack(planDnfRpm(facts), await dnfEntries()),
  ];
}

async function pack(spec: RpmSpec, entries: RpmEntry[]): Promise<NamedRpm> {
  const licenses = licensesFolder(spec.name);
  const license = { ...(await fileEntry('LICENSE', `${licenses}/LICENSE`, 0o644)), license: true };
  const encoded = encodeRpm(
    spec,
    await packPayload([...entries, directory(licenses), license], { kind: 'zstd', level: 3 }),
  );
  return { name: spec.name, fileName: fileName(spec), ...encoded };
}

async function runtimeEntries(): Promise<RpmEntry[]> {
  return [
    directory(MODULES),
    ...(await moduleEntries(MODULES, 'pinpack_runtime')),
    await fileEntry('bin/pinpack-runtime', '/usr/bin/pinpack-runtime', 0o755),
    directory(`${MODULES}/selinux`),
    await fileEntry('selinux/pinpack.cil', `${MODULES}/selinux/pinpack.cil`, 0o644),
  ];
}

async function dnfEntries(): Promise<RpmEntry[]> {
  return [
    directory(DNF_MODULES),
    ...(await moduleEntries(DNF_MODULES, 'pinpack_patch')),
    ...(await moduleEntries(DNF_MODULES, 'pinpack_dnf5')),
    ...(await moduleEntries(DNF_MODULES, 'pinpack_fetch')),
    ...(await Promise.all([
      ...DNF_PROGRAMS.map((name) => fileEntry(`bin/${name}`, `${DNF_MODULES}/${name}`, 0o755)),
      ...DNF_PLUGINS.map(({ file }) => fileEntry(`plugins/${file}`, `${DNF_MODULES}/${file}`, 0o644)),
    ])),
  ];
}

/** One Python package. */
async function moduleEntries(folder: string, name: string): Promise<RpmEntry[]> {
  const modules = (await readdir(join(RUNTIME_SOURCE, name))).filter((file) => file.endsWith('.py'));
  const files = modules.map((file) => fileEntry(`${name}/${file}`, `${folder}/${name}/${file}`, 0o644));
  return [directory(`${folder}/${name}`), ...(await Promise.all(files))];
}

function directory(path: string): RpmEntry {
  return { path, kind: 'directory', mode: 0o755, size: 0 };
}

async function fileEntry(source: string, path: string, mode: number): Promise<RpmEntry> {
  const file = join(RUNTIME_SOURCE, source);
  return {
    path,
    kind: 'file',
    mode,
    size: (await stat(file)).size,
    read: async () => ({ data: await readFile(file) }),
  };
}
