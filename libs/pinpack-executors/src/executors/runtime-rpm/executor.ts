// `nx run pinpack-runtime:rpm`: the Python that runs on the target, as the RPM that every wheel RPM requires, and the RPM of the wheelhouse beside it.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { writeFileAtomically } from '@pinpack/build-store';
import { encodeRpm, fileName, packPayload, type RpmEntry, type RpmSpec } from '@pinpack/rpm-gen';
import { pluginOptions } from '../../plugin-options.js';
import { pruneOthers, rpmPattern } from '../../prune.js';
import { runReported } from '../../report-failure.js';
import { RPMS } from '../../reqset/place.js';
import { planRuntimeRpm, planWheelhouseRpm } from './plan-runtime-rpms.js';
import { readRuntimeVersion, RUNTIME_SOURCE } from './runtime-source.js';

const MODULES = '/usr/lib/pinpack-runtime';

export default async function runtimeRpm(
  _options: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  return runReported(async () => {
    const { vendor = 'pinpack' } = pluginOptions(nxJsonConfiguration);
    const version = await readRuntimeVersion();
    await writeRpm(root, planRuntimeRpm(version, vendor), await runtimeEntries());
    await writeRpm(root, planWheelhouseRpm(version, vendor), []);
  });
}

async function writeRpm(root: string, spec: RpmSpec, entries: RpmEntry[]): Promise<void> {
  const { chunks } = encodeRpm(spec, await packPayload(entries, { kind: 'zstd', level: 3 }));
  const folder = join(root, RPMS);
  await writeFileAtomically(join(folder, fileName(spec)), chunks);
  await pruneOthers(folder, fileName(spec), rpmPattern(spec.name));
  console.log(`${spec.name}: ${RPMS}/${fileName(spec)}`);
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
