import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { arrowIssues, namingIssues, type Declared, type WorkspaceFile } from './arrows.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROOMS = ['rpm-gen', 'rpm-repo', 'python-dist', 'build-store', 'oci-image', 'pinpack-executors'];

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
    rooms: Object.fromEntries(ROOMS.map((room) => [room, namesOf(readManifest(`libs/${room}`))])),
    workspace: Object.keys(readManifest('.').devDependencies ?? {}),
  };
}

const DECLARED: Declared = {
  rooms: {
    'rpm-gen': ['zstd'],
    'rpm-repo': ['@pinpack/rpm-gen', 'execa'],
    'python-dist': ['execa', '@scoped/toml'],
    'build-store': [],
    'pinpack-executors': ['@nx/devkit', '@pinpack/rpm-gen', '@pinpack/python-dist', '@pinpack/build-store'],
  },
  workspace: ['vitest', 'execa'],
};

function issuesOf(path: string, text: string): string[] {
  return arrowIssues([{ path, text }], DECLARED);
}

describe('the workspace', () => {
  test('keeps the arrows', async () => {
    const files = await readWorkspace();
    expect(files.filter(({ path }) => /^libs\/[^/]+\/src\/.*\.ts$/.test(path)).length).toBeGreaterThan(100);
    expect(arrowIssues(files, readDeclared())).toEqual([]);
  });

  test('names nothing outside of itself, and no package index', async () => {
    // In pieces, for this file is looked at too.
    const names = [['..', 'shared'].join('/'), ...['pypi', 'npmjs', 'pythonhosted'].map((host) => `${host}.org`)];
    names.push(['registry', 'npmjs', 'com'].join('.'));
    expect(namingIssues(await readWorkspace(), names)).toEqual([]);
  });
});

describe('arrowIssues', () => {
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
  ])('%s may not import %s', (room, name, target) => {
    const path = `libs/${room}/src/deep/x.ts`;
    const issues = [
      `${path}: imports ${name}, and no arrow leads from ${room} to ${target}`,
      `${path}: imports ${name}, which libs/${room}/package.json does not declare`,
    ];
    expect(issuesOf(path, `import { a } from '${name}';`)).toEqual(issues);
    expect(issuesOf(path, `import type { A } from '${name}';`)).toEqual(issues);
    expect(issuesOf(path, `export * from '${name}';`)).toEqual(issues);
    expect(issuesOf(path, `const a = await import('${name}');`)).toEqual(issues);
    expect(issuesOf(path, `const a = require('${name}');`)).toEqual(issues);
  });

  test.each(['nx', 'nx/src/x.js', '@nx/devkit'])('only the plugin may import %s', (name) => {
    const text = `import { a } from '${name}';`;
    for (const room of ['rpm-gen', 'rpm-repo', 'python-dist', 'build-store']) {
      expect(issuesOf(`libs/${room}/src/x.spec.ts`, text)).toContain(
        `libs/${room}/src/x.spec.ts: imports ${name}, and only pinpack-executors knows Nx`,
      );
    }
    expect(issuesOf('libs/pinpack-executors/src/x.ts', "import '@nx/devkit';")).toEqual([]);
  });

  test('the plugin may import the other rooms', () => {
    const text = "import '@pinpack/rpm-gen'; import '@pinpack/python-dist'; import '@pinpack/build-store';";
    expect(issuesOf('libs/pinpack-executors/src/x.ts', text)).toEqual([]);
  });

  test.each(['../../python-dist/src/index.js', '../../../tools/x.js'])('no room reaches out by %s', (specifier) => {
    expect(issuesOf('libs/rpm-gen/src/x.ts', `import '${specifier}';`)).toEqual([
      `libs/rpm-gen/src/x.ts: reaches out of its room by the path ${specifier}`,
    ]);
    expect(issuesOf('libs/rpm-gen/src/deep/x.ts', "import '../x.js';")).toEqual([]);
  });

  test.each(['node:fs', 'fs', 'node:fs/promises', 'node:http', 'node:net', 'child_process', 'node:child_process'])(
    'a pure file may not import %s',
    (name) => {
      for (const path of ['libs/rpm-gen/src/x.ts', 'libs/python-dist/src/x.ts', 'libs/python-dist/src/lock/x.ts']) {
        expect(issuesOf(path, `import '${name}';`)).toEqual([`${path}: imports ${name}, and is pure`]);
        expect(issuesOf(path.replace('.ts', '.spec.ts'), `import '${name}';`)).toEqual([]);
      }
      for (const inside of ['index-client/client.ts', 'resolve/x.ts', 'positioned-file.ts']) {
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

  test('what is imported is declared: by the room, and for specs by the workspace', () => {
    const missing = (path: string, name: string, room: string) =>
      `${path}: imports ${name}, which libs/${room}/package.json does not declare`;
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

describe('namingIssues', () => {
  test('tells the file and the name', () => {
    const files = [
      { path: 'docs/a.md', text: 'see outside/of/it' },
      { path: 'b.ts', text: '' },
    ];
    expect(namingIssues(files, ['outside/of'])).toEqual(['docs/a.md: names outside/of']);
  });
});
