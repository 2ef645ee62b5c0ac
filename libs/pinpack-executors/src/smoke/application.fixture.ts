/** Makes simplified RPMs of an application for smoke tests, with Python's venv module in place of pinpack-runtime. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEFAULT_MTIME, encodeRpm, fileName, packPayload, type RpmEntry, type RpmSpec } from '@pinpack/rpm-gen';
import type { TestContext } from 'vitest';
import { checkRequirements } from '../install-root/requirements.js';
import { temporaryFolder } from '@pinpack/testing';

export interface SampleApplication {
  /** Text of the module `sample`. */
  module?: string;
  /** Shell scriptlets that run after installation and before removal. */
  post?: string;
  preun?: string;
  /** Lines of `[tool.pinpack.smoke]` and below. */
  smoke?: string[];
}

const VENV = '/opt/demo-sample/venv';
const SITE = `$(${VENV}/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')`;

function sampleSpec(name: string, more: Partial<RpmSpec> = {}): RpmSpec {
  return {
    ...{
      name,
      version: '1.0.0',
      release: '1',
      architecture: 'noarch',
      summary: 'For specs',
      description: 'For specs.',
    },
    ...{ license: 'MIT', buildTime: DEFAULT_MTIME, buildHost: 'pinpack', scriptlets: {}, changelog: [] },
    ...more,
  };
}

function applicationSpec({ module = '', post = '', preun = `rm -rf ${VENV}` }: SampleApplication): RpmSpec {
  const install = [
    `/usr/bin/python3 -m venv --without-pip ${VENV} || exit 1`,
    `site=${SITE}`,
    'mkdir "$site/sample-1.0.0.dist-info" "$site/sample"',
    `cat > "$site/sample/__init__.py" <<'END'\n${module}\nEND`,
    `printf 'Name: sample\\nVersion: 1.0.0\\n' > "$site/sample-1.0.0.dist-info/METADATA"`,
    `printf 'sample/__init__.py,,\\nsample-1.0.0.dist-info/METADATA,,\\n../../../bin/x,,\\n' > "$site/sample-1.0.0.dist-info/RECORD"`,
    `printf '#!${VENV}/bin/python\\nimport sys\\nprint("ran with", *sys.argv[1:])\\n' > ${VENV}/bin/say`,
    `chmod 755 ${VENV}/bin/say`,
    post,
  ];
  return sampleSpec('demo-sample', {
    requires: [
      { name: 'demo-wheel-lib', sense: '=', version: '1.0.0-1' },
      { name: 'pinpack-runtime', sense: '>=', version: '0.1.0' },
    ],
    scriptlets: {
      post: { interpreter: '/bin/sh', body: install.join('\n') },
      preun: { interpreter: '/bin/sh', body: preun },
    },
  });
}

async function writeRpm(root: string, folder: string, spec: RpmSpec, entries: RpmEntry[]): Promise<void> {
  const { chunks } = encodeRpm(spec, await packPayload(entries, { kind: 'none' }));
  const path = join(root, folder, fileName(spec));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.concat(chunks));
}

function folderEntry(path: string): RpmEntry {
  return { path, kind: 'directory', mode: 0o755, size: 0 };
}

/** Writes a workspace with the RPMs of the application `sample` of the reqset `demo`. @returns its root */
export async function writeSampleWorkspace(sample: SampleApplication = {}): Promise<string> {
  const root = temporaryFolder();
  mkdirSync(join(root, 'apps/sample'), { recursive: true });
  const pyproject = ['[project]', 'name = "sample"', 'version = "1.0.0"', '[tool.pinpack]', 'reqsets = ["demo"]'];
  writeFileSync(join(root, 'apps/sample/pyproject.toml'), [...pyproject, ...(sample.smoke ?? [])].join('\n'));
  await writeRpm(root, 'dist/rpms/demo', applicationSpec(sample), [folderEntry('/opt/demo-sample')]);
  const tree = ['/usr/lib/pinpack', '/usr/lib/pinpack/demo', '/usr/lib/pinpack/demo/lib'].map(folderEntry);
  await writeRpm(root, 'dist/rpms/demo', sampleSpec('demo-wheel-lib'), tree);
  await writeRpm(root, 'dist/rpms', sampleSpec('pinpack-runtime'), []);
  return root;
}

/** Skips the test with the reason if this machine cannot install RPMs. */
export async function needInstallRoot({ skip }: TestContext): Promise<void> {
  await checkRequirements().catch((error: unknown) => {
    skip(error instanceof Error ? error.message : String(error));
  });
}
