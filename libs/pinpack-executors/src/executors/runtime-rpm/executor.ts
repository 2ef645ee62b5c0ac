// `nx run pinpack-runtime:rpm`: the Python that runs on the target, as the RPM that every wheel RPM requires.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { writeFileAtomically } from '@pinpack/build-store';
import { DEFAULT_MTIME, encodeRpm, fileName, packPayload, type RpmEntry, type RpmSpec } from '@pinpack/rpm-gen';
import { pluginOptions } from '../../plugin-options.js';
import { pruneOthers, rpmPattern } from '../../prune.js';
import { reportFailure } from '../../report-failure.js';
import { readRuntimeVersion, RUNTIME_SOURCE } from './runtime-source.js';

const DESCRIPTION = `What the scriptlets of pinpack's RPMs call on this machine: it rebuilds wheels
from their unpacked trees and verifies them. Administrators can call it too:
see pinpack-runtime --help.`;
const MODULES = '/usr/lib/pinpack-runtime';

export default async function runtimeRpm(
  _options: unknown,
  { root, nxJsonConfiguration }: ExecutorContext,
): Promise<{ success: boolean }> {
  const { success, message } = await reportFailure(async () => {
    const { vendor = 'pinpack' } = pluginOptions(nxJsonConfiguration);
    const spec = planRuntimeRpm(await readRuntimeVersion(), vendor);
    const { chunks } = encodeRpm(spec, await packPayload(await runtimeEntries(), { kind: 'zstd', level: 3 }));
    const folder = join(root, 'dist/rpms');
    await writeFileAtomically(join(folder, fileName(spec)), chunks);
    await pruneOthers(folder, fileName(spec), rpmPattern(spec.name));
    console.log(`pinpack-runtime: dist/rpms/${fileName(spec)}`);
  });
  if (message !== undefined) console.error(message);
  return { success };
}

function planRuntimeRpm(version: string, vendor: string): RpmSpec {
  return {
    name: 'pinpack-runtime',
    version,
    release: '1',
    architecture: 'noarch',
    summary: 'Rebuilds and verifies the Python wheels that pinpack delivers',
    description: DESCRIPTION,
    license: 'MIT',
    vendor,
    packager: vendor,
    group: 'System Environment/Base',
    buildTime: DEFAULT_MTIME,
    buildHost: 'pinpack',
    requires: [{ name: '/usr/bin/python3' }],
    scriptlets: {},
    changelog: [{ time: DEFAULT_MTIME, author: `${vendor} - ${version}-1`, text: `- pinpack-runtime ${version}` }],
  };
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
