// Packs the RPMs of the code that runs on servers: pinpack-runtime, and pinpack-wheelhouse, which a host installs on request.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRpm, fileName, packPayload, type RpmEntry, type RpmSpec } from '@pinpack/rpm-gen';
import type { PackedRpm } from '../wheel-rpm/pack-wheel-rpm.js';
import { DNF_PLUGINS, planDnfRpm, planRuntimeRpm, planWheelhouseRpm } from './plan-runtime-rpms.js';
import { readRuntimeVersion, RUNTIME_SOURCE } from './runtime-source.js';

const MODULES = '/usr/lib/pinpack-runtime';
const DNF_MODULES = '/usr/lib/pinpack-dnf';
const DNF_PROGRAMS = ['pinpack-patch', 'pinpack-dnf5', 'pinpack-fetch'];

export interface NamedRpm extends PackedRpm {
  name: string;
}

/** @throws RpmError */
export async function packRuntimeRpms(vendor: string): Promise<NamedRpm[]> {
  const version = await readRuntimeVersion();
  return [
    await pack(planRuntimeRpm(version, vendor), await runtimeEntries()),
    await pack(planWheelhouseRpm(version, vendor), []),
    await pack(planDnfRpm(version, vendor), await dnfEntries()),
  ];
}

async function pack(spec: RpmSpec, entries: RpmEntry[]): Promise<NamedRpm> {
  const encoded = encodeRpm(spec, await packPayload(entries, { kind: 'zstd', level: 3 }));
  return { name: spec.name, fileName: fileName(spec), ...encoded };
}

async function runtimeEntries(): Promise<RpmEntry[]> {
  return [
    folderEntry(MODULES),
    ...(await moduleEntries(MODULES, 'pinpack_runtime')),
    await fileEntry('bin/pinpack-runtime', '/usr/bin/pinpack-runtime', 0o755),
  ];
}

async function dnfEntries(): Promise<RpmEntry[]> {
  return [
    folderEntry(DNF_MODULES),
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
  return [folderEntry(`${folder}/${name}`), ...(await Promise.all(files))];
}

function folderEntry(path: string): RpmEntry {
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
