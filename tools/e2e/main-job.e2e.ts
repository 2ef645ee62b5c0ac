/** README's first command, in a fresh clone: the RPMs of every reqset, right in rpm's own eyes, and cached. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readProgram, runProgram } from '@pinpack/common/program';
import { folderFaults } from '@pinpack/testing';
import { copyWorkspace, fileDigests, Workspace, WORKSPACE } from './workspace.js';

const REQSETS = ['reqset1', 'reqset2', 'reqset3', 'sources', 'webset'];
const built = new Workspace(inject('built'));

interface Pylock {
  packages: { name: string; version?: string }[];
  tool: { pinpack: { applications?: { name: string }[] } };
}

async function readPylock(reqset: string): Promise<Pylock> {
  return parse(await readFile(built.path('reqsets', reqset, 'pylock.toml'), 'utf8')) as unknown as Pylock;
}

async function rpmFiles(workspace: Workspace): Promise<string[]> {
  const files = await readdir(workspace.path('dist/rpms'), { recursive: true });
  return files.filter((file) => file.endsWith('.rpm')).sort();
}

/** rpmlint takes seconds for larger RPMs. */
const LARGEST_LINTED = 5_000_000;

/** At night all. Else each wheel of one reqset of a Python, as the others are packed alike, and one numpy of the large ones. */
async function sampleOf(files: readonly string[]): Promise<string[]> {
  if (process.env.PINPACK_NIGHTLY === '1') return [...files];
  const sizes = await Promise.all(files.map(async (file) => (await stat(built.path('dist/rpms', file))).size));
  const samples = new Map(
    files.map((file) => {
      const wheel = /-wheel-(.+)-[^-]+-[^-]+\.rpm$/.exec(file)?.[1];
      const isSimilar = wheel !== undefined && !/^(?:legacy|webset)\//.test(file);
      return [isSimilar ? wheel : file, file];
    }),
  );
  const isSmall = (file: string): boolean => (sizes[files.indexOf(file)] ?? 0) <= LARGEST_LINTED;
  return [...samples.values()].filter((file) => isSmall(file) || file === samples.get('numpy'));
}

async function findRpm(reqset: string, pin: string): Promise<string> {
  const pattern = new RegExp(`^${reqset}/${reqset}-wheel-${pin}-[^-]+-[^-]+\\.rpm$`);
  const [file = ''] = (await rpmFiles(built)).filter((name) => pattern.test(name));
  return built.path('dist/rpms', file);
}

describe('the RPMs', () => {
  it.each(REQSETS)('of %s are as many as its pins and applications', async (reqset) => {
    const { packages, tool } = await readPylock(reqset);
    const found = (await rpmFiles(built)).filter((file) => file.startsWith(`${reqset}/`));
    expect(found).toHaveLength(packages.length + (tool.pinpack.applications ?? []).length);
  });

  it('of webset are of a closure of 40 pins or more', async () => {
    expect((await readPylock('webset')).packages.length).toBeGreaterThanOrEqual(40);
  });

  it('have right digests, says rpm', async () => {
    const files = (await rpmFiles(built)).map((file) => built.path('dist/rpms', file));
    const verdicts = (await readProgram('rpm', ['-K', ...files])).split('\n');
    expect(verdicts).toHaveLength(files.length);
    expect(verdicts.filter((line) => !line.endsWith(': digests OK'))).toEqual([]);
  });

  it('own every folder that they use, with one owner and mode', async () => {
    const files = (await rpmFiles(built)).map((file) => built.path('dist/rpms', file));
    expect(await folderFaults(files)).toEqual([]);
  });

  it('have no errors, says rpmlint', async () => {
    const names = await sampleOf(await rpmFiles(built));
    expect(names.length).toBeGreaterThan(100);
    const files = names.map((file) => built.path('dist/rpms', file));
    const { stdout } = await runProgram('rpmlint', ['-c', join(WORKSPACE, 'tools/rpmlint.toml'), ...files]);
    // Who makes the wheels, which are ghosts, is the host's choice: no wheel RPM's own scriptlet does.
    const ghosts = /ghost-files-without-postin|postin-without-ghost-file-creation \/var\/lib\/pinpack\//;
    const told = stdout.split('\n').filter((line) => / [EW]: /.test(line) && !ghosts.test(line));
    expect(told).toEqual([]);
    expect(stdout).toContain(`${files.length} packages and 0 specfiles checked; 0 errors`);
  });

  it('require what METADATA says, within the reqset', async () => {
    const requires = (await readProgram('rpm', ['-qp', '--requires', await findRpm('reqset3', 'scipy')])).split('\n');
    expect(requires.filter((line) => /^(?:reqset3|pinpack|python)/.test(line))).toEqual([
      'pinpack-runtime >= 0.1.0',
      'python(abi) = 3.11',
      'reqset3-wheel-numpy >= 1.26.4',
      'reqset3-wheel-numpy < 2.7.0~~',
    ]);
  });

  it("require of the system what rpm's own generator finds, without what the wheel contains", async () => {
    const rpm = await findRpm('reqset3', 'numpy');
    const requires = (await readProgram('rpm', ['-qp', '--requires', rpm]))
      .split('\n')
      .filter((line) => line.includes('.so'));
    const folder = await mkdtemp(join(tmpdir(), 'pinpack-elf-'));
    await readProgram('bash', ['-c', 'rpm2cpio "$1" | cpio -idm --quiet -D "$2"', 'unpack', rpm, folder]);
    const objects = (await readProgram('find', [folder, '-name', '*.so*', '-type', 'f'])).split('\n');
    await readProgram('chmod', ['a+x', ...objects]);
    // Its exit code speaks of the files that are no ELF: linker scripts and the like.
    const { stdout: found } = await runProgram('/usr/lib/rpm/elfdeps', ['--requires'], { input: objects.join('\n') });
    const own = new Set(objects.map((object) => object.split('/').at(-1)));
    const expected = [...new Set(found.split('\n'))].filter(
      (line) => line.includes('.so') && !own.has(line.replace(/\(.*/, '')),
    );
    expect(requires.sort()).toEqual(expected.sort());
    await rm(folder, { recursive: true });
  });

  it('require the distributions of an extra', async () => {
    const requires = (await readProgram('rpm', ['-qp', '--requires', await findRpm('webset', 'psycopg')])).split('\n');
    expect(requires).toContain('webset-wheel-psycopg-binary = 3.3.9');
    expect(requires).toContain('webset-wheel-psycopg-pool');
  });

  it('provide nothing but themselves, and the account that a service declares', async () => {
    const files = (await rpmFiles(built)).map((file) => built.path('dist/rpms', file));
    const provides = await readProgram('rpm', ['-qp', '--qf', '[%{=NAME} %{PROVIDENAME}\n]', ...files]);
    const foreign = provides.split('\n').filter((line) => {
      const [name, provided] = line.split(' ');
      return provided?.replace(/\((?:x86|aarch)-64\)$/, '') !== name;
    });
    expect(foreign.sort()).toEqual(['webset-web_service group(web-service)', 'webset-web_service user(web-service)']);
  });

  it('list the files of RECORD at a path without version, their folders, the facts, and the wheel as a ghost', async () => {
    const rpm = await findRpm('reqset3', 'an-example-pypi-project');
    const [wheel = ''] = (await readdir(built.path('dist/wheels/reqset3'))).filter((file) =>
      file.startsWith('an_example'),
    );
    const names = (await readProgram('python3', ['-m', 'zipfile', '-l', built.path('dist/wheels/reqset3', wheel)]))
      .split('\n')
      .slice(1)
      .map((line) => line.split(' ')[0] ?? '');
    const tree = '/usr/lib/pinpack/reqset3/an-example-pypi-project';
    const folders = ['', '/an_example_pypi_project', '/an_example_pypi_project-0.0.4.dist-info'].map(
      (folder) => `${tree}${folder}`,
    );
    const shared = '/usr/share/pinpack';
    const facts = [shared, `${shared}/reqset3`, `${shared}/reqset3/an-example-pypi-project.json`];
    const state = ['/var/lib/pinpack', '/var/lib/pinpack/reqset3', '/var/lib/pinpack/reqset3/wheelhouse'];
    const ghost = `/var/lib/pinpack/reqset3/wheelhouse/${wheel}`;
    const listed = (await readProgram('rpm', ['-qpl', rpm])).split('\n');
    const expected = [
      '/usr/lib/pinpack',
      '/usr/lib/pinpack/reqset3',
      ...folders,
      ...names.map((name) => `${tree}/${name}`),
      ...facts,
      ...state,
      ghost,
    ];
    expect(listed.sort()).toEqual(expected.sort());
    expect(await readProgram('rpm', ['-qp', '--qf', '[%{FILEFLAGS:fflags} %{FILENAMES}\n]', rpm])).toContain(
      `g ${ghost}`,
    );
  });

  it('have no scriptlet but the one that verifies', async () => {
    const scripts = await readProgram('rpm', ['-qp', '--scripts', await findRpm('reqset2', 'numpy')]);
    expect(scripts).toBe("verify scriptlet (using /bin/sh):\n/usr/bin/pinpack-runtime wheel verify 'reqset2' 'numpy'");
  });
});

describe("the wheelhouse's RPM", () => {
  it('has no files but its licence, and one file trigger', async () => {
    const rpm = built.path('dist/rpms/pinpack-wheelhouse-0.1.0-1.noarch.rpm');
    const licence = '/usr/share/licenses/pinpack-wheelhouse';
    expect(await readProgram('rpm', ['-qpl', rpm])).toBe(`${licence}\n${licence}/LICENSE`);
    expect(await readProgram('rpm', ['-qp', '--filetriggers', rpm])).toBe(
      'transfiletriggerin scriptlet (using /bin/sh) -- /usr/share/pinpack/\n/usr/bin/pinpack-runtime wheelhouse make --listed',
    );
  });
});

describe('the cache', () => {
  let folder: string;
  let workspace: Workspace;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-cache-'));
    workspace = await copyWorkspace(built, join(folder, 'copy'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('answers a second run whole, and restores a deleted dist', async () => {
    const before = await fileDigests(workspace.path('dist/rpms'), '.rpm');
    const again = await workspace.nx('run-many -t rpm');
    expect(again).toMatch(/Cache: +(\d+)\/\1 hit \(100%\)/);
    await rm(workspace.path('dist'), { recursive: true });
    expect(await workspace.nx('run-many -t rpm')).toMatch(/Cache: +(\d+)\/\1 hit \(100%\)/);
    expect(await fileDigests(workspace.path('dist/rpms'), '.rpm')).toEqual(before);
  });
});
