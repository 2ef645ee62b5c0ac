// Packs the RPMs of the code that runs on servers: pinpack-runtime, and pinpack-wheelhouse, which a host installs on request.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRpm, fileName, packPayload, type RpmEntry, type RpmSpec } from '@pinpack/rpm-gen';
import type { PackedRpm } from '../wheel-rpm/pack-wheel-rpm.js';
import { planRuntimeRpm, planWheelhouseRpm } from './plan-runtime-rpms.js';
import { readRuntimeVersion, RUNTIME_SOURCE } from './runtime-source.js';

const MODULES = '/usr/lib/pinpack-runtime';

export interface NamedRpm extends PackedRpm {
  name: string;
}

/** @throws RpmError */
export async function packRuntimeRpms(vendor: string): Promise<NamedRpm[]> {
  const version = await readRuntimeVersion();
  return [
    await pack(planRuntimeRpm(version, vendor), await runtimeEntries()),
    await pack(planWheelhouseRpm(version, vendor), []),
  ];
}

async function pack(spec: RpmSpec, entries: RpmEntry[]): Promise<NamedRpm> {
  const encoded = encodeRpm(spec, await packPayload(entries, { kind: 'zstd', level: 3 }));
  return { name: spec.name, fileName: fileName(spec), ...encoded };
}

async function runtimeEntries(): Promise<RpmEntry[]> {
  const modules = (await readdir(join(RUNTIME_SOURCE, 'pinpack_runtime'))).filter((name) => name.endsWith('.py'));
  const folders = [MODULES, `${MODULES}/pinpack_runtime`].map((path): RpmEntry => ({
    path,
    kind: 'directory',
    mode: 0o755,
    size: 0,
  }));
  return [
    ...folders,
    await fileEntry('bin/pinpack-runtime', '/usr/bin/pinpack-runtime', 0o755),
    ...(await Promise.all(
      modules.map((name) => fileEntry(`pinpack_runtime/${name}`, `${MODULES}/pinpack_runtime/${name}`, 0o644)),
    )),
  ];
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
