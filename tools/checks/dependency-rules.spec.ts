import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { dependencyIssues, namingIssues, type Declared, type WorkspaceFile } from './dependency-rules.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGE_FOLDERS = readdirSync(join(ROOT, 'libs')).filter((name) =>
  existsSync(join(ROOT, 'libs', name, 'package.json')),
);

interface Manifest {
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** Everything that git keeps or would keep. */
async function readWorkspace(): Promise<WorkspaceFile[]> {
  const { stdout } = await execa('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  return stdout.split('\n').flatMap((path) => {
    try {
      return [{ path, text: readFileSync(join(ROOT, path), 'utf8') }];
    } catch {
      // Removed, and not yet in a commit.
      return [];
    }
  });
}

function readManifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')) as Manifest;
}

function readDeclared(): Declared {
  const namesOf = ({ dependencies, peerDependencies }: Manifest) =>
    Object.keys({ ...dependencies, ...peerDependencies });
  return {
    packages: Object.fromEntries(PACKAGE_FOLDERS.map((folder) => [folder, namesOf(readManifest(`libs/${folder}`))])),
    workspace: Object.keys(readManifest('.').devDependencies ?? {}),
  };
}

const DECLARED: Declared = {
  packages: {
    'rpm-gen': ['zstd'],
    'rpm-repo': ['@pinpack/rpm-gen', 'execa'],
    'python-dist': ['execa', '@scoped/toml'],
    'build-store': [],
    'pinpack-executors': ['@nx/devkit', '@pinpack/rpm-gen', '@pinpack/python-dist', '@pinpack/build-store'],
  },
  workspace: ['vitest', 'execa'],
};

function issuesOf(path: string, text: string): string[] {
  return dependencyIssues([{ path, text }], DECLARED);
}

describe('the workspace', () => {
  test('keeps the dependency rules', async () => {
    const files = await readWorkspace();
    expect(files.filter(({ path }) => /^libs\/[^/]+\/src\/.*\.ts$/.test(path)).length).toBeGreaterThan(100);
    expect(dependencyIssues(files, readDeclared())).toEqual([]);
  });

  test('names nothing outside of itself, and no package index', async () => {
    // In pieces, for this file is looked at too.
    const names = [['..', 'shared'].join('/'), ...['pypi', 'npmjs', 'pythonhosted'].map((host) => `${host}.org`)];
    names.push(['registry', 'npmjs', 'com'].join('.'));
    expect(namingIssues(await readWorkspace(), names)).toEqual([]);
  });
});

describe('dependencyIssues', () => {
  test.each([
    ['rpm-gen', '@pinpack/python-dist', 'python-dist'],
    ['rpm-gen', '@pinpack/build-store', 'build-store'],
    ['rpm-gen', '@pinpack/rpm-repo', 'rpm-repo'],
    ['rpm-repo', '@pinpack/python-dist', 'python-dist'],
    ['rpm-repo', '@pinpack/build-store', 'build-store'],
    ['python-dist', '@pinpack/rpm-gen', 'rpm-gen'],
    ['python-dist', 'pinpack', 'pinpack-executors'],
    ['build-store', '@pinpack/python-dist', 'python-dist'],
    ['build-store', 'pinpack', 'pinpack-executors'],
    ['oci-image', '@pinpack/rpm-gen', 'rpm-gen'],
    ['rpm-gen', '@pinpack/oci-image', 'oci-image'],
  ])('%s may not import %s', (folder, name, target) => {
    const path = `libs/${folder}/src/deep/x.ts`;
    const issues = [
      `${path}: imports ${name}, and ${folder} may not depend on ${target}`,
      `${path}: imports ${name}, which libs/${folder}/package.json does not declare`,
    ];
    expect(issuesOf(path, `import { a } from '${name}';`)).toEqual(issues);
    expect(issuesOf(path, `import type { A } from '${name}';`)).toEqual(issues);
    expect(issuesOf(path, `export * from '${name}';`)).toEqual(issues);
    expect(issuesOf(path, `const a = await import('${name}');`)).toEqual(issues);
    expect(issuesOf(path, `const a = require('${name}');`)).toEqual(issues);
  });

  test.each(['nx', 'nx/src/x.js', '@nx/devkit'])('only the plugin may import %s', (name) => {
    const text = `import { a } from '${name}';`;
    for (const folder of ['rpm-gen', 'rpm-repo', 'python-dist', 'build-store']) {
      expect(issuesOf(`libs/${folder}/src/x.spec.ts`, text)).toContain(
        `libs/${folder}/src/x.spec.ts: imports ${name}, and only pinpack-executors may depend on Nx`,
      );
    }
    expect(issuesOf('libs/pinpack-executors/src/x.ts', "import '@nx/devkit';")).toEqual([]);
  });

  test('the plugin may import the other packages', () => {
    const text = "import '@pinpack/rpm-gen'; import '@pinpack/python-dist'; import '@pinpack/build-store';";
    expect(issuesOf('libs/pinpack-executors/src/x.ts', text)).toEqual([]);
  });

  test.each(['../../python-dist/src/index.js', '../../../tools/x.js'])(
    'no package imports another by the path %s',
    (specifier) => {
      expect(issuesOf('libs/rpm-gen/src/x.ts', `import '${specifier}';`)).toEqual([
        `libs/rpm-gen/src/x.ts: imports a file of another package by the path ${specifier}`,
      ]);
      expect(issuesOf('libs/rpm-gen/src/deep/x.ts', "import '../x.js';")).toEqual([]);
    },
  );

  test.each(['node:fs', 'fs', 'node:fs/promises', 'node:http', 'node:net', 'child_process', 'node:child_process'])(
    'a pure file may not import %s',
    (name) => {
      for (const path of ['libs/rpm-gen/src/x.ts', 'libs/python-dist/src/x.ts', 'libs/python-dist/src/lock/x.ts']) {
        expect(issuesOf(path, `import '${name}';`)).toEqual([`${path}: imports ${name}, and is pure`]);
        expect(issuesOf(path.replace('.ts', '.spec.ts'), `import '${name}';`)).toEqual([]);
      }
      for (const inside of ['index/index-client.ts', 'resolve/x.ts', 'zip/positioned-file.ts']) {
        expect(issuesOf(`libs/python-dist/src/${inside}`, `import '${name}';`)).toEqual([]);
      }
      expect(issuesOf('libs/oci-image/src/x.ts', `import '${name}';`)).toHaveLength(1);
    },
  );

  test.each(['fetch', 'WebSocket'])('rpm-gen may not use the global %s', (name) => {
    const text = `const page = ${name}('somewhere'); // fetch\nconst text = 'fetch';`;
    expect(issuesOf('libs/rpm-gen/src/x.ts', text)).toEqual([`libs/rpm-gen/src/x.ts: uses ${name}, and is pure`]);
    expect(issuesOf('libs/rpm-gen/src/x.ts', "// fetch\nconst text = 'fetch';")).toEqual([]);
  });

  test('what is imported is declared: by the package, and for specs by the workspace', () => {
    const missing = (path: string, name: string, folder: string) =>
      `${path}: imports ${name}, which libs/${folder}/package.json does not declare`;
    expect(issuesOf('libs/build-store/src/x.ts', "import 'vitest/node';")).toEqual([
      missing('libs/build-store/src/x.ts', 'vitest/node', 'build-store'),
    ]);
    expect(issuesOf('libs/build-store/src/x.spec.ts', "import 'vitest/node';")).toEqual([]);
    expect(issuesOf('libs/build-store/src/x.fixture.ts', "import 'left-pad';")).toEqual([
      missing('libs/build-store/src/x.fixture.ts', 'left-pad', 'build-store'),
    ]);
    expect(issuesOf('libs/python-dist/src/lock/x.ts', "import '@scoped/toml/deep.js';")).toEqual([]);
    expect(issuesOf('libs/python-dist/src/lock/x.ts', "import '@scoped/other';")).toEqual([
      missing('libs/python-dist/src/lock/x.ts', '@scoped/other', 'python-dist'),
    ]);
  });

  test('files outside of libs/*/src are none of its business', () => {
    expect(issuesOf('tools/x.ts', "import 'node:fs';")).toEqual([]);
  });
});

describe('cycles', () => {
  const cycle = (files: Record<string, string>): string[] =>
    dependencyIssues(
      Object.entries(files).map(([path, text]) => ({ path: `libs/build-store/src/${path}`, text })),
      DECLARED,
    );

  test('between files are reported with their imports, of types too', () => {
    expect(cycle({ 'a.ts': "import './b.js';", 'b.ts': "import type { A } from './a.js';" })).toEqual([
      [
        'a cycle of files: libs/build-store/src/a.ts → libs/build-store/src/b.ts → libs/build-store/src/a.ts',
        '  libs/build-store/src/a.ts → libs/build-store/src/b.ts',
        '  libs/build-store/src/b.ts → libs/build-store/src/a.ts',
      ].join('\n'),
      expect.stringContaining('a cycle of folders: libs/build-store/src/a.ts →'),
    ]);
  });

  test('between folders are reported where no files form one', () => {
    expect(
      cycle({ 'x/a.ts': "import '../y/b.js';", 'y/b.ts': '', 'y/c.ts': "import '../x/d.js';", 'x/d.ts': '' }),
    ).toEqual([expect.stringContaining('a cycle of folders: libs/build-store/src/x → libs/build-store/src/y →')]);
  });

  test('of specs and fixtures are none', () => {
    expect(cycle({ 'x/a.ts': "import '../y/b.js';", 'y/b.spec.ts': "import '../x/a.js';", 'y/b.ts': '' })).toEqual([]);
  });
});

describe('namingIssues', () => {
  test('reports the file and the name', () => {
    const files = [
      { path: 'docs/a.md', text: 'see outside/of/it' },
      { path: 'b.ts', text: '' },
    ];
    expect(namingIssues(files, ['outside/of'])).toEqual(['docs/a.md: names outside/of']);
  });
});
