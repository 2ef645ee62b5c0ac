/** Random and damaged archives: tarfile's data filter (PEP 706) accepts the same ones, errors have codes, and nothing is written outside of the folder. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runProgram } from '@pinpack/common/program';
import { fuzzParameters } from '@pinpack/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DistError } from '../dist-error.js';
import { walkFolder } from '@pinpack/common/walk-folder';
import { encodePlainTar, type SdistEntry } from './sdist.fixture.js';
import { unpackSdist } from './unpack-sdist.js';

const PARAMETERS = fuzzParameters(300);
const RUNS = PARAMETERS.numRuns;
const TIMEOUT_MS = 60_000 + 100 * RUNS;
const LIMITS = { sdistMiB: 1, sdistRatio: 100, sdistEntries: 100 };
const TOP = 'demo-1.0';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pinpack-property-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const name = fc.constantFrom('a', 'b', 'c');
const relativePath = fc.array(fc.oneof({ weight: 3, arbitrary: name }, fc.constantFrom('.', '..')), {
  minLength: 1,
  maxLength: 5,
});
/** A path of an archive without its top folder. */
const entryPath = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));

interface Entry {
  path: string;
  type: 'File' | 'Directory' | 'SymbolicLink' | 'Link';
  linkpath?: string;
  data?: string;
}

const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ path: entryPath, type: fc.constant('File' as const), data: fc.string({ maxLength: 8 }) }),
  fc.record({ path: entryPath, type: fc.constant('Directory' as const) }),
  fc.record({
    path: entryPath,
    type: fc.constant('SymbolicLink' as const),
    linkpath: relativePath.map((parts) => parts.join('/')),
  }),
  fc.record({ path: entryPath, type: fc.constant('Link' as const), linkpath: entryPath }),
);
const archive = fc.array(entry, { minLength: 1, maxLength: 8 });

/** Below the top folder, with targets of hard links that are paths of the archive. */
function inTop({ path, linkpath, ...rest }: Entry): SdistEntry {
  const target = rest.type === 'Link' && linkpath !== undefined ? `${TOP}/${linkpath}` : linkpath;
  return { ...rest, path: `${TOP}/${path}`, ...(target !== undefined && { linkpath: target }) };
}

const TARFILE = `
import json, os, shutil, sys, tarfile
results = []
for path in json.load(sys.stdin):
    tree = path + ".python"
    os.mkdir(tree)
    try:
        with tarfile.open(path) as archive:
            archive.extractall(tree, filter="data")
        files = {}
        for top, folders, names in os.walk(tree):
            for name in names:
                file = os.path.join(top, name)
                if not os.path.islink(file):
                    files[os.path.relpath(file, tree)] = open(file, encoding="latin1").read()
        results.append({"files": files})
    except tarfile.FilterError as error:
        results.append({"rejected": type(error).__name__})
    except Exception as error:
        results.append({"failed": repr(error)})
    shutil.rmtree(tree)
json.dump(results, sys.stdout)
`;

interface TarfileResult {
  files?: Record<string, string>;
  rejected?: string;
  failed?: string;
}

/** A Python on PATH or of pyenv whose tarfile has filters. */
async function findFilteringPython(): Promise<string | undefined> {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const versions = existsSync(pyenv) ? readdirSync(pyenv).map((version) => join(pyenv, version, 'bin')) : [];
  for (const bin of [...(process.env.PATH ?? '').split(delimiter), ...versions]) {
    const program = join(bin, 'python3');
    if (!existsSync(program)) continue;
    const { failed } = await runProgram(program, ['-c', 'from tarfile import data_filter']);
    if (!failed) return program;
  }
  return undefined;
}

async function unpack(bytes: Buffer, at: number): Promise<DistError | string> {
  const file = join(folder, `demo-1.0-${at}.tar.gz`);
  writeFileSync(file, bytes);
  const tree = join(folder, `tree-${at}`);
  try {
    await unpackSdist(file, tree, LIMITS);
    return tree;
  } catch (error) {
    if (error instanceof DistError) return error;
    throw error;
  } finally {
    rmSync(file);
  }
}

async function filesOf(tree: string): Promise<Record<string, string>> {
  const entries = await walkFolder(tree);
  const files = entries.filter((found) => found.isFile()).map(({ parentPath, name: file }) => join(parentPath, file));
  return Object.fromEntries(files.map((file) => [file.slice(tree.length + 1), readFileSync(file, 'latin1')]));
}

it(`accepts what tarfile's data filter accepts (${RUNS} archives)`, { timeout: TIMEOUT_MS }, async ({ skip }) => {
  const archives = fc.sample(archive, PARAMETERS);
  const paths = archives.map((entries, at) => {
    const path = join(folder, `${at}.tar`);
    writeFileSync(path, encodePlainTar([{ path: 'a0', data: '' }, ...(entries as SdistEntry[])]));
    return path;
  });
  const python3 = await findFilteringPython();
  if (python3 === undefined) return skip('no Python of this machine has tarfile.data_filter (3.12, 3.11.4 or later)');
  const { stdout, exitCode, stderr } = await runProgram(python3, ['-c', TARFILE], { input: JSON.stringify(paths) });
  expect(exitCode, stderr).toBe(0);
  const expected = JSON.parse(stdout) as TarfileResult[];
  const seen = { accepted: 0, rejected: 0 };
  for (const [at, entries] of archives.entries()) {
    const own = await unpack(gzipSync(encodePlainTar([{ path: `${TOP}/a0` }, ...entries.map(inTop)])), at);
    const python = expected[at] ?? {};
    const shown = JSON.stringify({ entries, python, own });
    if (own instanceof DistError) {
      seen.rejected += 1;
      // tarfile does not check links again that a later entry leads elsewhere, and has its own order of checks for damaged archives.
      const isOwnRule = own.code === 'DIST_SOURCE_SDIST_UNREADABLE' || own.message.includes('is a link that leads out');
      if (!isOwnRule) expect(python.rejected ?? python.failed, shown).toBeDefined();
    } else {
      seen.accepted += 1;
      expect(python.rejected, shown).toBeUndefined();
      // A hard link to a symbolic link is one to its file here, and a copy of the symbolic link there.
      const hasHardLinks = entries.some(({ type }) => type === 'Link');
      if (python.files !== undefined && !hasHardLinks) expect(await filesOf(own), shown).toEqual(python.files);
    }
  }
  expect(seen.accepted).toBeGreaterThan(0);
  expect(seen.rejected).toBeGreaterThan(0);
});

/** Changes single bytes, or cuts the end off. */
const damage = fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), { maxLength: 6 });

it(
  `reports damaged archives by a code and leaves nothing behind (${RUNS} archives)`,
  { timeout: TIMEOUT_MS },
  async () => {
    const property = fc.asyncProperty(
      archive,
      damage,
      fc.option(fc.nat()),
      fc.boolean(),
      async (entries, changes, cut, isInside) => {
        const tar = encodePlainTar([{ path: `${TOP}/a0` }, ...entries.map(inTop)]);
        const bytes = isInside ? tar : gzipSync(tar);
        for (const { at, value } of changes) bytes[at % bytes.length] = value;
        const short = cut === null ? bytes : bytes.subarray(0, cut % bytes.length);
        const own = await unpack(isInside ? gzipSync(short) : short, 0);
        if (own instanceof DistError) expect(own.code).toMatch(/^DIST_SOURCE_SDIST_/);
        else rmSync(own, { recursive: true });
        expect(readdirSync(folder)).toEqual([]);
      },
    );
    await fc.assert(property, { ...PARAMETERS, timeout: 30_000 });
  },
);

it(`reports random bytes by a code (${RUNS} files)`, { timeout: TIMEOUT_MS }, async () => {
  const property = fc.asyncProperty(fc.uint8Array({ maxLength: 2048 }), fc.boolean(), async (bytes, isCompressed) => {
    const own = await unpack(isCompressed ? gzipSync(bytes) : Buffer.from(bytes), 0);
    expect(own).toHaveProperty('code', 'DIST_SOURCE_SDIST_UNREADABLE');
  });
  await fc.assert(property, { ...PARAMETERS, timeout: 30_000 });
});
