/** Container images as users have them: made without a daemon, read by skopeo, umoci and podman, and run as a container would be. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { runBundle, unpackBundle, type Bundle } from './bundle.js';
import { makeImageBase } from './image-base.js';
import { readProgram, runProgram } from '@pinpack/common/program';
import { sha256File } from './rpm-query.js';
import { copyWorkspace, Workspace, WORKSPACE } from './workspace.js';

const EXAMPLE = 'reqset3-an_example_pypi_project';
const SECOND = 'reqset3-second-app';
const SERVICE = 'webset-web_service';
const SMOKE = join(WORKSPACE, 'libs/pinpack-executors/python');
const DIGEST = /^sha256:[0-9a-f]{64}$/;

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

interface Manifest {
  schemaVersion: number;
  mediaType: string;
  config: Descriptor;
  layers: Descriptor[];
}

let folder: string;
let workspace: Workspace;
let reason: string | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pinpack-images-'));
  const made = await makeImageBase();
  if ('reason' in made) {
    ({ reason } = made);
    return;
  }
  await readProgram('cp', ['-a', made.layout, join(folder, 'base')]);
  workspace = await copyWorkspace(new Workspace(inject('built')), join(folder, 'workspace'));
  await workspace.nx('g pinpack:app second-app --reqset reqset3');
  await edit('apps/second-app/pyproject.toml', 'dependencies = []', 'dependencies = ["numpy"]');
  await workspace.execute('lock', { reqset: 'reqset3' });
  const base = `base = "oci:${folder}/base:python"`;
  await addSettings('an_example_pypi_project', [base]);
  await addSettings('second-app', [base]);
  await addSettings('web_service', [base, 'ports = ["8000"]', 'cmd = ["manage", "check"]']);
});
beforeEach(({ skip }) => {
  if (reason !== undefined) skip(reason);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(workspace.path(file), 'utf8');
  expect(text).toContain(from);
  await writeFile(workspace.path(file), text.replace(from, to));
}

async function addSettings(app: string, lines: readonly string[]): Promise<void> {
  const file = workspace.path('apps', app, 'pyproject.toml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, `${text}\n[tool.pinpack.image]\n${lines.join('\n')}\n`);
}

function archiveOf(name: string): string {
  return workspace.path('dist/images', name.split('-')[0] ?? '', `${name}.oci.tar`);
}

async function image(...names: readonly string[]): Promise<string> {
  return workspace.nxShown(`run-many -t image -p ${names.join()}`);
}

/** What an image's task prints of it. */
function lineOf(name: string, text: string): RegExp {
  return new RegExp(`^${name}: .*${text}`, 'm');
}

async function manifestOf(name: string): Promise<Manifest> {
  return JSON.parse(await readProgram('skopeo', ['inspect', '--raw', `oci-archive:${archiveOf(name)}`])) as Manifest;
}

async function layersOf(name: string): Promise<string[]> {
  return (await manifestOf(name)).layers.map(({ digest }) => digest);
}

/** What the smoke test runs in an environment. */
async function smoke(bundle: Bundle, name: string, script: string, options: object): Promise<string> {
  const text = await readFile(join(SMOKE, script), 'utf8');
  return succeed(bundle, [`/opt/${name}/venv/bin/python`, '-I', '-c', text, JSON.stringify(options)]);
}

async function succeed(bundle: Bundle, argv?: readonly string[]): Promise<string> {
  const result = await runBundle(bundle, argv);
  expect(result.failed, result.all).toBe(false);
  return result.all;
}

/** Podman's options for storage of its own, and why it doesn't run with these. */
async function usePodman(driver: string): Promise<{ words: string[]; problem: string | undefined }> {
  const places = ['--root', join(folder, `podman-${driver}`), '--runroot', join(folder, `podman-${driver}-run`)];
  const words = [...places, '--storage-driver', driver];
  const info = await runProgram('podman', [...words, 'info']);
  return { words, problem: info.failed ? [info.shortMessage, info.all].join('\n') : undefined };
}

describe("an application's image", () => {
  let bundle: Bundle;

  it('is made, and is one that skopeo copies and umoci unpacks', async () => {
    // The service's too: each start of Nx takes seconds.
    expect(await image(EXAMPLE, SERVICE)).toMatch(lineOf(EXAMPLE, 'layers: 1 of its base, 3 of wheel RPMs'));
    bundle = await unpackBundle(archiveOf(EXAMPLE), join(folder, 'example'));
    const manifest = await manifestOf(EXAMPLE);
    expect(manifest).toMatchObject({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json' });
    expect(manifest.layers).toHaveLength(5);
    for (const { digest, size, mediaType } of [manifest.config, ...manifest.layers]) {
      expect(digest).toMatch(DIGEST);
      expect(size).toBeGreaterThan(0);
      expect(mediaType).toMatch(/^application\/vnd\.oci\.image\.(?:config\.v1\+json|layer\.v1\.tar\+gzip)$/);
    }
  });

  it('is loaded by podman under its name', async ({ skip }) => {
    // Without overlays it copies the files of all layers below to each layer.
    const overlay = await usePodman('overlay');
    const { words: podman, problem } = overlay.problem === undefined ? overlay : await usePodman('vfs');
    if (problem !== undefined) skip(`podman does not run here: ${problem}`);
    const load = await readProgram('podman', [...podman, 'load', '--quiet', '--input', archiveOf(EXAMPLE)]);
    expect(load).toContain(`localhost/${EXAMPLE}:0.0.4-1`);
    const inspected = await readProgram('podman', [...podman, 'image', 'inspect', `localhost/${EXAMPLE}:0.0.4-1`]);
    const [{ Config }] = JSON.parse(inspected) as [
      { Config: { Labels: Record<string, string>; Entrypoint: string[] } },
    ];
    expect(Config.Labels['org.opencontainers.image.title']).toBe(EXAMPLE);
    expect(Config.Entrypoint).toEqual([`/opt/${EXAMPLE}/venv/bin/an-example`]);
  });

  it("passes the application's smoke test: its imports, and its command by default", async () => {
    expect(await succeed(bundle)).toContain('rms of the identity: 0.57735');
    const options = { distribution: 'an_example_pypi_project', imports: ['numpy', 'scipy.linalg'] };
    expect(await smoke(bundle, EXAMPLE, 'check_imports.py', options)).toContain('import scipy.linalg');
    expect(await succeed(bundle, ['an-example-reqset3'])).toContain('numpy 2.4.6');
  });

  it('knows its distributions and every file of theirs, and names no path of this machine', async () => {
    const script = `
from importlib.metadata import distributions
for each in sorted(distributions(), key=lambda each: each.name):
    print(each.name, each.version, each.read_text("INSTALLER").strip(), all(file.locate().exists() for file in each.files))`;
    const listed = await succeed(bundle, [`/opt/${EXAMPLE}/venv/bin/python`, '-c', script]);
    expect(listed.split('\n')).toEqual([
      'an_example_pypi_project 0.0.4 pinpack True',
      'numpy 2.4.6 pinpack True',
      'scipy 1.17.1 pinpack True',
    ]);
    const found = await runProgram('grep', [
      '-rIlF',
      '-e',
      folder,
      '-e',
      '.environment',
      join(bundle.rootfs, 'opt', EXAMPLE),
    ]);
    expect(found.stdout).toBe('');
    const contents = JSON.parse(await readFile(join(bundle.rootfs, 'opt', EXAMPLE, 'image.json'), 'utf8')) as {
      rpms: { name: string; sha256: string }[];
    };
    const numpy = contents.rpms.find(({ name }) => name === 'reqset3-wheel-numpy');
    expect(numpy?.sha256).toBe(
      await sha256File(workspace.path('dist/rpms/reqset3/reqset3-wheel-numpy-2.4.6-1.x86_64.rpm')),
    );
  });
});

describe('a service', () => {
  it('runs as its own account, with its configuration and state, and answers over HTTP', async () => {
    const bundle = await unpackBundle(archiveOf(SERVICE), join(folder, 'service'));
    expect(bundle.process.user).toMatchObject({ uid: 999, gid: 999 });
    expect(await readFile(join(bundle.rootfs, 'etc/passwd'), 'utf8')).toContain('web-service:x:999:999:');
    expect(await succeed(bundle)).toContain('no issues');
    expect(await succeed(bundle, ['ls', '/etc/web-service'])).toBe('web-service.toml');
    const options = { command: ['web-service', 'serve'], port: 8000, path: '/health', status: 200, seconds: 60 };
    expect(await smoke(bundle, SERVICE, 'ask_http.py', options)).toContain('GET /health: 200');
  });
});

describe('layers', () => {
  it('of wheels are those of every other application of the reqset', async () => {
    expect(await image(SECOND)).toContain('2 of wheel RPMs (1 reused)');
    const [base, numpy] = await layersOf(EXAMPLE);
    expect(await layersOf(SECOND)).toEqual([base, numpy, expect.anything(), expect.anything()]);
  });

  it('change where the pin changed, and nowhere else', async () => {
    const before = await layersOf(EXAMPLE);
    // Many times faster to make than gzip, which umoci needs for what it unpacks.
    await edit('apps/second-app/pyproject.toml', '/base:python"', '/base:python"\ncompression = "zstd"');
    await edit('reqsets/reqset3/requirements.txt', 'numpy==2.4.6', 'numpy==2.4.5');
    // What is compiled against numpy is the same library; its own pin stays as it was.
    await workspace.execute('lock', { reqset: 'reqset3' });
    expect(await image(EXAMPLE, SECOND)).toMatch(lineOf(EXAMPLE, 'layers: 1 of its base, 3 of wheel RPMs'));
    const after = await layersOf(EXAMPLE);
    const changed = after.map((digest, at) => digest !== before[at]);
    const [, , , library] = changed;
    // Base, numpy, scipy, the application's library, the application's own.
    expect(changed).toEqual([false, true, false, library, true]);
  });

  it('have the same bytes when all is made again, and come from the cache when nothing changed', async () => {
    const before = await sha256File(archiveOf(SECOND));
    expect(await workspace.nx(`run ${SECOND}:image`)).toMatch(/existing outputs match the cache|local cache/);
    await workspace.run('rm -rf dist/images dist/layers dist/cache');
    // The image alone: what the others make again is other tests' business.
    await workspace.nx(`run ${SECOND}:image --skip-nx-cache --excludeTaskDependencies`);
    expect(await sha256File(archiveOf(SECOND))).toBe(before);
  });
});

describe('a base', () => {
  it('that changed makes the image anew; one without the Python of the reqset is refused, with what it has', async () => {
    const before = await sha256File(archiveOf(SECOND));
    await readProgram('umoci', ['config', '--image', `${folder}/base:python`, '--config.env', 'FROM=another']);
    const layout = join(folder, 'empty');
    await readProgram('umoci', ['init', '--layout', layout]);
    await readProgram('umoci', ['new', '--image', `${layout}:none`]);
    await edit('apps/an_example_pypi_project/pyproject.toml', `${folder}/base:python`, `${layout}:none`);
    const output = await workspace.failingNx(`run-many -t image -p ${EXAMPLE},${SECOND}`);
    expect(await sha256File(archiveOf(SECOND))).not.toBe(before);
    expect(output).toContain('it has no Python in /usr/bin and /usr/local/bin');
    expect(output).toContain('expected python3.11, which the wheels are made for');
  });
});
