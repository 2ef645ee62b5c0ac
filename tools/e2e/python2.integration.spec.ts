/** The example application for Python 2.7, from its source to a server: locked, built, installed by dnf, imported and removed. */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInstallRoot, makeRepository, type InstallRoot } from 'pinpack/install-root';
import { readProgram } from '@pinpack/common/program';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPython } from './pythons.js';
import { buildRpm } from './rpm-build.js';
import { Workspace, WORKSPACE } from './workspace.js';
import { writeWorkspace } from './write-workspace.js';

const EXAMPLE = 'apps/an_example_pypi_project';
const APPLICATION = 'legacy-an_example_pypi_project';
const python = await findPython('2.7');
const reason = python === undefined ? ' (skipped: this machine has no Python 2.7: pyenv install 2.7)' : '';

/** setuptools 44, the last for Python 2.7, does not read [project]. */
const PYPROJECT = `[build-system]
requires = ["setuptools<45", "wheel<0.38", "numpy"]
build-backend = "setuptools.build_meta"

[project]
name = "an_example_pypi_project"
version = "0.0.4"
dependencies = ["numpy>=1.16,<1.17", "scipy>=1.2,<1.3"]

[tool.pinpack]
reqsets = ["legacy"]
`;
const SETUP = `import numpy
from setuptools import Extension, find_packages, setup

setup(
    name="an_example_pypi_project",
    version="0.0.4",
    package_dir={"": "src"},
    packages=find_packages("src"),
    install_requires=["numpy>=1.16,<1.17", "scipy>=1.2,<1.3"],
    entry_points={"console_scripts": ["an-example = an_example_pypi_project.__main__:main"]},
    ext_modules=[
        Extension(
            "an_example_pypi_project._rms",
            sources=["src/an_example_pypi_project/_rms.c"],
            include_dirs=[numpy.get_include()],
        )
    ],
)
`;
const PYTHON2_MODULE = `PyMODINIT_FUNC init_rms(void) {
    import_array();
    Py_InitModule("_rms", methods);
}
`;
const PINS = 'numpy==1.16.6\nscipy==1.2.3\nsetuptools==44.1.1\nwheel==0.37.1\n';
const ABI = [
  ...['Name: python27', 'Version: 2.7.18', 'Release: 1', 'Summary: For tests', 'License: MIT', 'BuildArch: noarch'],
  // As python2-libs: the Python may be linked with its library, and then its extensions are too.
  ...['Provides: python(abi) = 2.7, libpython2.7.so.1.0()(64bit)', '%description', 'Python.', '%files', ''],
].join('\n');

/** Of scipy's wheel, mostly. */
const LIMIT = 300_000;

let folder: string;
let workspace: Workspace;
let root: InstallRoot;
let repository: string;

/** Copies the example. @returns the files that differ in the Python of that time */
async function copyExample(): Promise<Record<string, string>> {
  await cp(join(WORKSPACE, EXAMPLE, 'src'), workspace.path(EXAMPLE, 'src'), { recursive: true });
  const source = `${EXAMPLE}/src/an_example_pypi_project`;
  const [main, extension] = await Promise.all(
    ['__main__.py', '_rms.c'].map((name) => readFile(workspace.path(source, name), 'utf8')),
  );
  const future = 'from __future__ import print_function\n';
  return {
    [`${source}/__main__.py`]: `${future}${(main ?? '').replace(/^"""[^]*?"""\n/, '').replace(' -> None', '')}`,
    [`${source}/_rms.c`]: (extension ?? '').replace(/static struct PyModuleDef[^]*/, PYTHON2_MODULE),
    [`${EXAMPLE}/pyproject.toml`]: PYPROJECT,
    [`${EXAMPLE}/setup.py`]: SETUP,
  };
}

async function makeWorkspace(): Promise<void> {
  workspace = new Workspace(join(folder, 'workspace'));
  await writeWorkspace(workspace, 'legacy', {
    'reqsets/legacy/requirements.txt': PINS,
    'reqsets/legacy/reqset.json': '{"python": "2.7.18"}',
    ...(await copyExample()),
  });
}

/** Its files in /usr, as an RPM of it would install them. */
async function installPython(program: string): Promise<void> {
  const prefix = (await readProgram(program, ['-S', '-c', 'import sys; print(sys.prefix)'])).trim();
  await mkdir(root.path('/usr/bin'), { recursive: true });
  await cp(join(prefix, 'bin/python2.7'), root.path('/usr/bin/python2.7'));
  const library = join(prefix, 'lib/libpython2.7.so.1.0');
  // It is looked for in the folder that the program names.
  if (existsSync(library)) await cp(library, root.path(library));
  const modules = root.path('/usr/lib/python2.7');
  const isNeeded = (path: string): boolean => !/\/(?:test|site-packages|idlelib|config)$/.test(path);
  await cp(join(prefix, 'lib/python2.7'), modules, { recursive: true, filter: isNeeded });
}

describe.skipIf(python === undefined)(`the example application for Python 2.7${reason}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpack-python2-'));
    await makeWorkspace();
    await workspace.nx('run legacy:lock');
    await workspace.nx(`run ${APPLICATION}:rpm`);
    await workspace.nx('run-many -t rpm --projects=legacy-wheel-*,pinpack-runtime');
    root = await createInstallRoot(join(folder, 'root'));
    await installPython(python ?? '');
    const built = (await readdir(workspace.path('dist/rpms'), { recursive: true })).filter((file) =>
      file.endsWith('.rpm'),
    );
    const files = built.map((file) => workspace.path('dist/rpms', file));
    repository = await makeRepository(join(folder, 'repository'), [...files, await buildRpm(join(folder, 'abi'), ABI)]);
  }, LIMIT);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('is built by the Python of the reqset, with the pinned build requirements', async () => {
    const [wheel] = (await readdir(workspace.path('dist/wheels/legacy'))).filter((name) =>
      name.startsWith('an_example'),
    );
    expect(wheel).toBe('an_example_pypi_project-0.0.4-cp27-cp27mu-linux_x86_64.whl');
    const lock = await readFile(workspace.path('reqsets/legacy/pylock.toml'), 'utf8');
    for (const name of ['setuptools-44.1.1-', 'wheel-0.37.1-', 'numpy-1.16.6-cp27-cp27mu-'])
      expect(lock).toContain(name);
  });

  it('is installed, imported and started', async () => {
    const result = await root.dnf(repository, ['install', APPLICATION]);
    expect(result.failed, result.all).toBe(false);
    expect(result.all).not.toMatch(/pinpack-runtime:|scriptlet failed/);
    const program = `/opt/${APPLICATION}/venv/bin/python`;
    const script =
      "import numpy as np; print 'from numpy:', np.sqrt(4.5); import an_example_pypi_project; print an_example_pypi_project";
    const imported = await root.run([program, '-c', script]);
    expect(imported.all).toMatch(
      /^from numpy: 2\.1213203435\d*\n<module 'an_example_pypi_project' from '\/usr\/lib\/pinpack\/_environments\//,
    );
    const started = await root.run([`/opt/${APPLICATION}/venv/bin/an-example`]);
    expect(started.all).toMatch(
      /^numpy 1\.16\.6 scipy 1\.2\.3 compiled for ABI 0x1000009L?\nrms of the identity: 0\.577350269/,
    );
    expect((await root.rpm(['-V', APPLICATION])).all).toBe('');
  });

  it('is removed with everything that was made', async () => {
    const result = await root.dnf(repository, ['remove', APPLICATION]);
    expect(result.failed, result.all).toBe(false);
    expect(await root.files('/opt')).toEqual(['/opt/']);
    expect(await root.files('/usr/lib/pinpack/_environments')).toEqual([]);
  });
});
