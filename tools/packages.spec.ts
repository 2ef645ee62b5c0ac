/** The npm packages of libs/: together they can be installed, and are released with one version. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  license: string;
  engines?: { node: string };
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const packages = readdirSync('libs').flatMap((name) => read(`libs/${name}`));
const root = read('.')[0];
const published = packages.filter((manifest) => manifest.private !== true);

function read(folder: string): Manifest[] {
  try {
    return [JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as Manifest];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

test.each(published)(
  '$name has the version, the licence and the Node versions of all',
  ({ version, license, engines }) => {
    const [first] = published;
    expect({ version, license, engines }).toEqual({
      version: first?.version,
      license: root?.license,
      engines: root?.engines,
    });
  },
);

test.each(published)('$name depends on published packages of this version alone', ({ dependencies = {} }) => {
  const own = new Map(packages.map((manifest) => [manifest.name, manifest]));
  const unfit = Object.entries(dependencies).filter(([name, range]) => {
    const manifest = own.get(name);
    return manifest !== undefined && (manifest.private === true || manifest.version !== range);
  });
  expect(unfit).toEqual([]);
});

test('Nx is a peer dependency, so that a workspace has one', () => {
  const withNx = packages.filter(({ dependencies = {} }) => 'nx' in dependencies || '@nx/devkit' in dependencies);
  expect(withNx.map(({ name }) => name)).toEqual([]);
  const plugin = packages.find(({ name }) => name === 'pinpack');
  expect(plugin?.peerDependencies).toEqual({ '@nx/devkit': '>=22 <25', nx: '>=22 <25' });
});
