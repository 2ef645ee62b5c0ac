import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { addProjectConfiguration, logger, type Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { parsePyproject } from '@pinpack/python-dist';
import { deliveredFiles, parseApplicationSettings } from '@pinpack/rpm-packaging';
import { execa } from 'execa';
import { describe, expect, test, vi } from 'vitest';
import { needProgram, temporaryFolder, thrown } from '@pinpack/testing';
import app, { nextSteps } from './generator.js';
import { APP_KINDS, planApp, type AppKind } from './plan-app.js';

function sampleTree(): Tree {
  const tree = createTreeWithEmptyWorkspace();
  for (const [reqset, python] of Object.entries({ reqset1: '3.9.18', reqset3: '3.11.2' })) {
    tree.write(`reqsets/${reqset}/requirements.txt`, 'numpy>=1\n');
    tree.write(`reqsets/${reqset}/reqset.json`, JSON.stringify({ python }));
    tree.write(`reqsets/${reqset}/pins/numpy/pin.json`, '{}');
  }
  tree.write('reqsets/draft/notes.txt', 'no reqset yet');
  return tree;
}

function writtenFiles(tree: Tree): string[] {
  return tree
    .listChanges()
    .map(({ path }) => path)
    .filter((path) => path.startsWith('apps/'))
    .sort();
}

function read(tree: Tree, path: string): string {
  return tree.read(path, 'utf-8') ?? '';
}

function writeApp(tree: Tree): string {
  const folder = temporaryFolder();
  for (const path of writtenFiles(tree)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), read(tree, path));
  }
  return folder;
}

function variantTree(): Tree {
  const tree = createTreeWithEmptyWorkspace();
  tree.write('reqsets/multi/requirements.txt', 'numpy>=1\n');
  tree.write('reqsets/multi/reqset.json', '{"variants": {"py311": {}, "py39": {"python": "3.9.18"}}}');
  tree.write('reqsets/multi/variants/py39/pins/old/pin.json', '{}');
  return tree;
}

describe('variants', () => {
  test.each([
    [[], ['multi'], '>=3.9'],
    [['multi'], ['multi'], '>=3.9'],
    [['multi/py311'], ['multi/py311'], '>=3.11'],
    [['multi/py311', 'multi/py39'], ['multi/py311', 'multi/py39'], '>=3.9'],
  ])('are named as they were asked for: %j', (reqset, reqsets, python) => {
    const tree = variantTree();
    app(tree, { name: 'my-app', reqset });
    const pyproject = read(tree, 'apps/my-app/pyproject.toml');
    expect(parsePyproject(pyproject, 'apps/my-app')?.reqsets).toEqual(reqsets);
    expect(pyproject).toContain(`requires-python = "${python}"`);
  });

  test('have their own commands', () => {
    const plan = planApp(
      { name: 'my-app', wanted: ['multi/py39'], kind: 'cli' },
      { apps: [], projects: [], sets: [{ set: 'multi/py39', pins: [], python: '3.9.18' }] },
    );
    expect(nextSteps(plan)).toContain('run-many -t lock -p multi-py39 ');
    expect(nextSteps(plan)).toContain('nx run multi-py39-my-app:smoke');
  });

  test('reports unknown names and lists the known ones; a pin keeps its name', () => {
    expect(thrown(() => app(variantTree(), { name: 'my-app', reqset: ['multi/py312'] }))).toContain(
      '"multi/py312" is not a reqset of this workspace, multi has multi/py311, multi/py39; known reqsets: multi',
    );
    expect(thrown(() => app(variantTree(), { name: 'old', reqset: ['multi'] }))).toContain(
      'multi-py39 already pins a distribution of that name',
    );
  });
});

describe('the app generator', () => {
  test('writes a project that the plugin reads', () => {
    const tree = sampleTree();
    app(tree, { name: 'My-App', reqset: ['reqset3', 'reqset1', 'reqset3'] });
    expect(writtenFiles(tree)).toEqual([
      'apps/My-App/README.md',
      'apps/My-App/pyproject.toml',
      'apps/My-App/src/my_app/__init__.py',
      'apps/My-App/src/my_app/__main__.py',
      'apps/My-App/tests/test_my_app.py',
    ]);
    const pyproject = read(tree, 'apps/My-App/pyproject.toml');
    expect(parsePyproject(pyproject, 'apps/My-App')).toMatchObject({
      reqsets: ['reqset1', 'reqset3'],
      source: { name: 'My-App', version: '0.1.0', dependencies: [], buildRequires: ['setuptools>=77'] },
    });
    // The oldest of the reqsets' Pythons must do.
    expect(pyproject).toContain('requires-python = ">=3.9"');
    expect(read(tree, 'apps/My-App/README.md')).toContain('npx nx run reqset3-My-App:smoke');
  });

  test('exposes the script in /usr/bin where only one RPM could want that', () => {
    const tree = sampleTree();
    app(tree, { name: 'one', reqset: ['reqset3'] });
    app(tree, { name: 'two', reqset: ['reqset1', 'reqset3'] });
    expect(read(tree, 'apps/one/pyproject.toml')).toMatch(/^scripts = \["one"\]$/m);
    expect(read(tree, 'apps/two/pyproject.toml')).not.toMatch(/^scripts =/m);
  });

  test.each(APP_KINDS)('writes a README as prettier would: %s', async (kind) => {
    const tree = sampleTree();
    app(tree, { name: 'my-app', reqset: ['reqset1', 'reqset3'], kind });
    const { check } = await import('prettier');
    expect(await check(read(tree, 'apps/my-app/README.md'), { parser: 'markdown', printWidth: 120 })).toBe(true);
  });

  test('writes what runs, and passes its own tests', async (context) => {
    await needProgram(context, 'python3');
    const tree = sampleTree();
    app(tree, { name: 'my.app', reqset: ['reqset3'], description: 'Says "hello"\n\\o/' });
    const cwd = join(writeApp(tree), 'apps/my.app');
    const env = { PYTHONPATH: 'src', PYTHONDONTWRITEBYTECODE: '1' };
    const { stderr } = await execa('python3', ['-m', 'unittest', 'discover', '-s', 'tests'], { cwd, env });
    expect(stderr).toMatch(/Ran 1 test in .*\n\nOK/);
    const show = 'import my_app; print(my_app.__doc__)';
    expect((await execa('python3', ['-c', show], { cwd, env })).stdout).toBe('Says "hello" \\o/.');
    expect((await execa('python3', ['-m', 'my_app', 'you'], { cwd, env })).stdout).toBe('Hello, you!');
    expect(parsePyproject(read(tree, 'apps/my.app/pyproject.toml'), 'apps/my.app')?.source.name).toBe('my.app');
  });

  test.each([
    ['service', ['deploy/my.app.env', 'src/my_app/server.py'], [['127.0.0.1:8000'], undefined], 'ok'],
    ['job', ['deploy/my.app.env'], [undefined, ['daily']], 'previous run: never'],
    ['library', [], undefined, 'Hello, you!'],
  ] as const)('writes a %s that passes its own tests, with its units', async (kind, files, starts, output) => {
    const tree = sampleTree();
    app(tree, { name: 'my.app', reqset: ['reqset1', 'reqset3'], kind });
    expect(writtenFiles(tree)).toEqual(expect.arrayContaining(files.map((file) => `apps/my.app/${file}`)));
    const { settings = {} } = parsePyproject(read(tree, 'apps/my.app/pyproject.toml'), 'apps/my.app') ?? {};
    const parsed = parseApplicationSettings(settings, 'pyproject.toml');
    expect(parsed.services?.flatMap(({ socket, timer }) => [socket?.listen, timer?.calendar])).toEqual(starts);

    const cwd = join(writeApp(tree), 'apps/my.app');
    for (const file of deliveredFiles(parsed)) expect(existsSync(join(cwd, file))).toBe(true);
    const env = { PYTHONPATH: 'src', PYTHONDONTWRITEBYTECODE: '1' };
    const { stderr } = await execa('python3', ['-m', 'unittest', 'discover', '-s', 'tests'], { cwd, env });
    expect(stderr).toMatch(/\nOK$/);
    const program = {
      service: ['-c', `import my_app.server, sys; print('ok')`],
      job: ['-m', 'my_app'],
      library: ['-c', `import my_app; print(my_app.greeting('you'))`],
    }[kind];
    expect((await execa('python3', program, { cwd, env })).stdout).toBe(output);
  });

  test('takes the only reqset where none is named', () => {
    const tree = sampleTree();
    tree.delete('reqsets/reqset1');
    app(tree, { name: 'my-app' });
    expect(read(tree, 'apps/my-app/pyproject.toml')).toContain('reqsets = ["reqset3"]');
  });

  test('says afterwards what to run, and only once the files are there', () => {
    const info = vi.spyOn(logger, 'info').mockReturnValue(undefined);
    const callback = app(sampleTree(), { name: 'my-app', reqset: ['reqset1', 'reqset3'] });
    expect(info).not.toHaveBeenCalled();
    void callback();
    expect(info.mock.calls).toEqual([
      [
        [
          'Created apps/my-app. Next:',
          '  Dependencies go into apps/my-app/pyproject.toml, [project] dependencies; then:',
          '  npx nx run-many -t lock -p reqset1 reqset3    its dependencies become pins (network)',
          '  npx nx run reqset1-my-app:smoke',
          '  npx nx run reqset3-my-app:smoke',
        ].join('\n'),
      ],
    ]);
    info.mockRestore();
  });
});

describe('the app generator refuses', () => {
  const refused = (name: string, reqset: string[], prepare: (tree: Tree) => void = () => undefined): string => {
    const tree = sampleTree();
    prepare(tree);
    const before = tree.listChanges().length;
    const message = thrown(() => app(tree, { name, reqset }));
    expect(tree.listChanges()).toHaveLength(before);
    return message.replace(`PINPACK_APP_INVALID apps/${name}: `, '');
  };

  test.each([
    ['my app', /^"my app" is not a valid distribution name \(PEP 508\), expected letters/],
    ['../evil', /^"..\/evil" is not a valid distribution name/],
    ['', /^"" is not a valid distribution name/],
    ['app-', /^"app-" is not a valid distribution name/],
    ['2fast', /^"2fast" starts with a digit, but a Python module name cannot/],
    ['import', /^"import" is a Python keyword/],
    ['wheel-tools', /^"wheel-tools" starts with "wheel", which marks wheel RPMs/],
    ['numpy', /^reqset3 already pins a distribution of that name/],
  ])('the name "%s"', (name, message) => {
    expect(refused(name, ['reqset3'])).toMatch(message);
  });

  test('a folder that is there, also in another spelling', () => {
    const there = (tree: Tree) => {
      tree.write('apps/My_App/pyproject.toml', '');
    };
    const message = 'apps/My_App exists already. Choose another name, or remove it first.';
    expect(refused('My_App', ['reqset3'], there)).toBe(message);
    expect(refused('my-app', ['reqset3'], there)).toBe(message);
  });

  test('the names of other projects, its own and that of its RPMs', () => {
    expect(refused('reqset1', ['reqset3'])).toBe(
      'the project would be called reqset1, which is a reqset. Choose another name.',
    );
    const docs = (tree: Tree) => {
      addProjectConfiguration(tree, 'docs', { root: 'docs' });
    };
    expect(refused('docs', ['reqset3'], docs)).toBe(
      'the project would be called docs, which is a project of this workspace. Choose another name.',
    );
    const nested = (tree: Tree) => {
      tree.write('reqsets/reqset3-extra/requirements.txt', '');
      tree.write('apps/tool/pyproject.toml', '');
    };
    expect(refused('extra-tool', ['reqset3'], nested)).toBe(
      'the project would be called reqset3-extra-tool, which is the application tool of reqset3-extra. Choose another name.',
    );
  });

  test('unknown reqsets, and lists the known ones', () => {
    expect(refused('my-app', ['reqset3', 'reqset9', 'draft'])).toBe(
      [
        '"reqset9" is not a reqset of this workspace; known reqsets: reqset1, reqset3',
        '"draft" is not a reqset of this workspace; known reqsets: reqset1, reqset3',
      ].join('\n  '),
    );
    expect(refused('my-app', [])).toBe(
      '--reqset is missing, expected at least one: --reqset <name>; known reqsets: reqset1, reqset3',
    );
  });

  test('a reqset for Python 2', () => {
    const legacy = (tree: Tree) => {
      tree.write('reqsets/legacy/requirements.txt', 'numpy==1.16.6\n');
      tree.write('reqsets/legacy/reqset.json', '{"python": "2.7.18"}');
    };
    expect(refused('my-app', ['reqset3', 'legacy'], legacy)).toBe(
      'legacy is for Python 2.7.18, but this generator writes libraries for Python 3. Choose other reqsets, or write pyproject.toml and setup.py yourself.',
    );
  });

  test('an unknown kind', () => {
    const kind = 'daemon' as AppKind;
    expect(thrown(() => app(sampleTree(), { name: 'my-app', reqset: ['reqset3'], kind }))).toContain(
      '--kind is "daemon", expected cli, service, job, library',
    );
  });

  test('everything at once', () => {
    expect(refused('wheel', ['reqset9']).split('\n  ')).toHaveLength(2);
  });
});
