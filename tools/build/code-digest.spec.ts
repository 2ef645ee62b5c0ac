/** The code digests follow what determines an output's bytes, and nothing else. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codeDigest } from './code-digest.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUTPUTS = ['application-rpm', 'image', 'python-rpm', 'runtime-rpm', 'sbom', 'source-build', 'wheel-rpm'] as const;
type Output = (typeof OUTPUTS)[number];

let copy = '';
let built: Record<Output, string>;

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), 'pinpack-digest-'));
  copyWorkspace();
  built = await digests();
});

afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

/** The compiled packages, which import each other, and links to their dependencies. */
function copyWorkspace(): void {
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@pinpack'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'libs'))) {
    for (const part of ['dist', 'native', 'python', 'wasm', 'package.json']) {
      const from = join(ROOT, 'libs', name, part);
      if (existsSync(from)) cpSync(from, join(copy, 'libs', name, part), { recursive: true });
    }
    const own = join(ROOT, 'libs', name, 'node_modules');
    if (existsSync(own)) symlinkSync(own, join(copy, 'libs', name, 'node_modules'));
    if (name !== 'pinpack-executors') symlinkSync(join(copy, 'libs', name), join(modules, '@pinpack', name));
  }
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@pinpack' && !name.startsWith('.'))
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
}

async function digests(): Promise<Record<Output, string>> {
  const entries = OUTPUTS.map(
    async (output) =>
      [output, await codeDigest(join(copy, 'libs/rpm-packaging/dist/outputs', `${output}.js`), copy)] as const,
  );
  return Object.fromEntries(await Promise.all(entries)) as Record<Output, string>;
}

/** The outputs whose digest is another after the change of a source file, which is undone afterwards. */
async function changedBy(file: string, change: (text: string) => string): Promise<Output[]> {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const changed = change(text);
  const isCode = file.endsWith('.ts');
  const target = join(copy, isCode ? file.replace('/src/', '/dist/').replace(/\.ts$/, '.js') : file);
  const before = readFileSync(target);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, isCode ? compile(changed) : changed);
  try {
    const after = await digests();
    return OUTPUTS.filter((output) => after[output] !== built[output]);
  } finally {
    writeFileSync(target, before);
  }
}

function compile(text: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true };
  return ts.transpileModule(text, { compilerOptions }).outputText;
}

function replace(from: string, to: string): (text: string) => string {
  return (text) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  };
}

const PACKAGING = 'libs/rpm-packaging';

describe('a digest is another', () => {
  test.each<[string, string, (text: string) => string, Output[]]>([
    [
      'the default compression',
      `${PACKAGING}/src/names/payload-compression.ts`,
      replace("'zstd:3'", "'zstd:19'"),
      ['application-rpm', 'python-rpm', 'wheel-rpm'],
    ],
    [
      'the path of wheel trees',
      `${PACKAGING}/src/wheel-rpm/wheel-rpm-paths.ts`,
      replace("'/usr/lib/pinpack'", "'/usr/lib64/pinpack'"),
      ['application-rpm', 'python-rpm', 'wheel-rpm'],
    ],
    [
      'the time of files',
      'libs/rpm-gen/src/entries.ts',
      (text) => text.replace(/DEFAULT_MTIME = [^;]+;/, 'DEFAULT_MTIME = 1;'),
      ['application-rpm', 'image', 'python-rpm', 'runtime-rpm', 'wheel-rpm'],
    ],
    [
      'the names of projects',
      `${PACKAGING}/src/names/rpm-names.ts`,
      replace('-wheel-', '-dist-'),
      ['application-rpm', 'image', 'wheel-rpm'],
    ],
    [
      'the script that compiles bytecode',
      `${PACKAGING}/python/compile_bytecode.py`,
      (text) => `${text}\nprint()\n`,
      ['image', 'python-rpm', 'wheel-rpm'],
    ],
    [
      'the script that calls build backends',
      'libs/python-dist/python/backend.py',
      (text) => `${text}\nprint()\n`,
      ['source-build'],
    ],
  ])('with another value of %s', async (_what, file, change, expected) => {
    expect(await changedBy(file, change)).toEqual(expected);
  });
});

describe('a digest is the same', () => {
  test.each<[string, string, (text: string) => string]>([
    ['compiled again', `${PACKAGING}/src/wheel-rpm/plan-wheel-rpm.ts`, (text) => text],
    ['a comment', `${PACKAGING}/src/wheel-rpm/plan-wheel-rpm.ts`, (text) => `// A comment.\n${text}`],
    [
      'a doc comment of a function',
      `${PACKAGING}/src/names/payload-compression.ts`,
      (text) => text.replace(/^export function/m, '/** Another doc comment. */\nexport function'),
    ],
    ['other white space', `${PACKAGING}/src/wheel-rpm/wheel-rpm-paths.ts`, (text) => text.replaceAll('  ', '\t\t')],
    [
      'a comment in the code of `why`',
      'libs/pinpack-executors/src/reports/explain-pin.ts',
      (text) => `// A comment.\n${text}`,
    ],
    [
      'another message of `why`',
      'libs/pinpack-executors/src/executors/why/executor.ts',
      replace('--pin is missing', '--pin is not given'),
    ],
    [
      'another message of `lock`',
      'libs/python-dist/src/resolve/check-target.ts',
      (text) => text.replace('uv resolves', 'uv can resolve'),
    ],
  ])('with %s', async (_what, file, change) => {
    expect(await changedBy(file, change)).toEqual([]);
  });
});

test('the digests of this build are those of its packages', () => {
  const text = readFileSync(join(ROOT, 'libs/rpm-packaging/dist/code-digests.json'), 'utf8');
  expect(JSON.parse(text)).toEqual(built);
});

test('a file that the closure reads by a computed name fails the build', async () => {
  const file = join(copy, 'libs/rpm-packaging/dist/outputs/computed.js');
  writeFileSync(
    file,
    'const name = process.argv[2];\nexport const url = new URL(name, import.meta.url);\nconsole.log(url);\n',
  );
  await expect(codeDigest(file, copy)).rejects.toThrow('the code digest cannot include the file');
  rmSync(file);
});
