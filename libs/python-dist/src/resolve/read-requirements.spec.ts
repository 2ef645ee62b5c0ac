import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rejected, temporaryFolder } from '@pinpack/testing';
import { describe, expect, test } from 'vitest';
import { nameTargets, readRequirements } from './read-requirements.js';

const FILE = 'reqsets/demo/requirements.txt';
const SHA = 'ab'.repeat(32);

function workspace(files: Record<string, string | Buffer>): string {
  const root = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** The requirements in requirements.txt, in a workspace with a library and a wheel. */
async function read(text: string, files: Record<string, string | Buffer> = {}) {
  const root = workspace({
    'libs/lib_a/pyproject.toml': '[project]\nname = "lib-a"\nversion = "1"\n',
    'libs/none/setup.py': '',
    'reqsets/demo/wheels/six-1.16.0-py2.py3-none-any.whl': '',
    'reqsets/demo/wheels/docopt-0.6.2.tar.gz': '',
    [FILE]: text,
    ...files,
  });
  const { requirements, constraints } = await readRequirements(root, FILE, 'requirement');
  return { requirements: requirements.map((line) => line.text), constraints, places: requirements };
}

describe('readRequirements names', () => {
  test.each([
    ['../../libs/lib_a', 'lib-a @ file:libs/lib_a'],
    ['../../libs/lib_a/', 'lib-a @ file:libs/lib_a'],
    ['-e ../../libs/lib_a', 'lib-a @ file:libs/lib_a'],
    ['--editable=../../libs/lib_a[x,y]', 'lib-a[x,y] @ file:libs/lib_a'],
    ['lib-a[x] @ file:../../libs/lib_a ; python_version > "3"', 'lib-a[x] @ file:libs/lib_a ; python_version > "3"'],
    ['../../libs/lib_a ; python_version > "3"', 'lib-a @ file:libs/lib_a ; python_version > "3"'],
    ['wheels/six-1.16.0-py2.py3-none-any.whl', 'six @ file:reqsets/demo/wheels/six-1.16.0-py2.py3-none-any.whl'],
    ['./wheels/docopt-0.6.2.tar.gz', 'docopt @ file:reqsets/demo/wheels/docopt-0.6.2.tar.gz'],
    [
      `six @ file:wheels/six-1.16.0-py2.py3-none-any.whl#sha256=${SHA}`,
      `six @ file:reqsets/demo/wheels/six-1.16.0-py2.py3-none-any.whl#sha256=${SHA}`,
    ],
    ['https://h.example/a/six-1.0-py3-none-any.whl', 'six @ https://h.example/a/six-1.0-py3-none-any.whl'],
    [
      'git+https://h.example/r.git@v1#egg=demo[x]&subdirectory=sub/',
      'demo[x] @ git+https://h.example/r.git@v1#subdirectory=sub',
    ],
    ['-e git+ssh://git@h.example/r.git#egg=demo', 'demo @ git+ssh://git@h.example/r.git'],
    ['-e demo @ git+https://h.example/r.git@main', 'demo @ git+https://h.example/r.git@main'],
  ])('%s', async (line, text) => {
    expect((await read(`${line}\n`)).requirements).toEqual([text]);
  });
});

test('included files keep their lines and paths, also in other encodings', async () => {
  const { requirements, constraints, places } = await read('-r more/base.in\n-c more/limits.txt\nidna\n', {
    'reqsets/demo/more/base.in': Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('-r../last.txt\r\nsix\r\n', 'utf16le'),
    ]),
    'reqsets/demo/last.txt': '# last\ntoolz --hash=sha256:' + SHA + '\n',
    'reqsets/demo/more/limits.txt': 'six<2\n',
  });
  expect(new Set(requirements)).toEqual(new Set(['idna', 'six', 'toolz']));
  expect(constraints).toEqual([{ text: 'six<2', place: 'reqsets/demo/more/limits.txt:1' }]);
  expect(places).toContainEqual({ text: 'toolz', place: 'reqsets/demo/last.txt:2', hashes: [SHA] });
});

describe('readRequirements refuses, with the next step,', () => {
  test.each([
    ['./libs/lib_a', 'requirements.txt:1: ./libs/lib_a does not exist', 'Write: ../../libs/lib_a'],
    ['../../libs/none', 'has no pyproject.toml', 'Write libs/none/pyproject.toml'],
    ['-e .', 'is the folder reqsets/demo, which has no pyproject.toml', '[tool.pinpack]'],
    ['-e six', 'does not exist', 'For a distribution of the index, write its name: six'],
    ['six @ file:///srv/six-1.0-py3-none-any.whl', 'is outside of the workspace', 'Copy it into the workspace'],
    ['../../../../etc/hosts', 'is outside of the workspace', 'Copy it'],
    [
      'six @ https://me:secret@h.example/six-1.0-py3-none-any.whl',
      '…@h.example/six-1.0-py3-none-any.whl has credentials',
      '~/.netrc',
    ],
    ['six @ https://h.example/six-1.0-py3-none-any.whl#md5=00', 'is not a sha256', 'Write #sha256=…'],
    ['demo @ https://h.example/archive/v1.zip', 'is not a wheel, an sdist or a folder: v1.zip', 'git+https://'],
    ['git+https://h.example/r.git', 'has no name', 'name @ git+https://h.example/r.git'],
    ['demo @ git+git@h.example:r.git', 'is not a URL', 'git+ssh://'],
    ['demo @ hg+https://h.example/r', 'is not in git', 'Build its wheel once'],
    ['demo @ ftp://h.example/demo-1.0.tar.gz', 'is a URL of a kind that is not supported', 'Expected https:'],
    ['-r nosuch.txt', 'cannot be read: there is no reqsets/demo/nosuch.txt', 'Correct the path'],
    ['-r requirements.txt', 'includes a file that includes it', 'Remove the line.'],
    ['-r ../../../x.txt', 'is outside of the workspace', 'Copy the file'],
    [
      '-c https://h.example/upper.txt',
      'is a URL',
      "curl -fsSo reqsets/demo/upper.txt 'https://h.example/upper.txt', and write: -c upper.txt",
    ],
    ['--require-hashes\nsix==1.0', 'six==1.0 has no hash', 'uv pip compile --generate-hashes'],
    ['--find-links wheels', 'option "--find-links wheels" is not supported', 'name @ file:wheels/'],
    ['six==${SIX}', 'names an environment variable', 'Write the value'],
  ])('%s', async (line, found, next) => {
    const message = await rejected(() => read(`${line}\n`));
    expect(message).toContain(found);
    expect(message).toContain(next);
    expect(message).not.toContain('secret');
  });

  test('a path in constraints', async () => {
    const root = workspace({ [FILE]: 'six @ https://h.example/six-1.0-py3-none-any.whl\n' });
    expect(await rejected(() => readRequirements(root, FILE, 'constraint'))).toContain(
      'Write this line in requirements.txt.',
    );
  });
});

test('nameTargets reads paths from the root', async () => {
  const root = workspace({ 'libs/a/pyproject.toml': '[project]\nname = "a"\n' });
  expect(await nameTargets(root, 'apps/x/pyproject.toml', ['a @ file:libs/a'])).toEqual([
    { text: 'a @ file:libs/a', place: 'apps/x/pyproject.toml' },
  ]);
  expect(await rejected(() => nameTargets(root, 'apps/x/pyproject.toml', ['b @ file:libs/b']))).toContain(
    'does not exist',
  );
});
