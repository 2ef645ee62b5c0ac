// Builds a source tree's wheel with uv: isolated, offline, from the locked build requirements alone, and the same bytes wherever it's built.
import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeFileAtomically } from '@pinpack/build-store';
import {
  compareVersions,
  encodeCanonicalWheel,
  openWheel,
  parseVersion,
  readContents,
  Uv,
  type BuildRequirement,
  type Pin,
} from '@pinpack/python-dist';
import { PinpackError } from '../../pinpack-error.js';
import { pruneOthers, wheelPattern } from '../../prune.js';

/** 1980-01-01, the earliest time that a zip can hold. */
const SOURCE_DATE_EPOCH = '315532800';
const LEFTOVERS = new Set(['build', 'dist', '__pycache__', '.git', '.nx', '.venv', 'node_modules']);
const SHOWN_LINES = 15;

export interface BuildOrder {
  root: string;
  pin: Pin;
  /** The source tree's folder, relative to the root. */
  path: string;
  buildRequires: BuildRequirement[];
  /** Puts a build requirement's wheel at the path it's given. */
  provide: (requirement: BuildRequirement, path: string) => Promise<void>;
  /** The folder that the wheel goes to, and the log's path; both relative to the root. */
  wheels: string;
  log: string;
}

/** @throws PinpackError `PINPACK_BUILD_FAILED`, `PINPACK_BUILD_VERSION_DIFFERS` */
export async function buildWheel(order: BuildOrder): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-build-'));
  try {
    await copySourceTree(join(order.root, order.path), join(folder, 'source'));
    await provideRequirements(order, join(folder, 'links'));
    await runBuild(order, folder);
    return await publish(order, join(folder, 'out'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A copy, so that the build leaves nothing in the workspace; with the modes that git keeps, so that the umask leaves no trace either. */
async function copySourceTree(source: string, copy: string): Promise<void> {
  const filter = (path: string): boolean => !LEFTOVERS.has(basename(path)) && !path.endsWith('.egg-info');
  await cp(source, copy, { recursive: true, filter: (path) => path === source || filter(path) });
  for (const entry of await readdir(copy, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) await chmod(path, 0o755);
    else if (entry.isFile()) await chmod(path, ((await stat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

async function provideRequirements({ buildRequires, provide }: BuildOrder, links: string): Promise<void> {
  await mkdir(links);
  await Promise.all(buildRequires.map((requirement) => provide(requirement, join(links, requirement.wheel.name))));
  const constraints = buildRequires.map(
    ({ name, version, wheel }) => `${name}==${version} --hash=sha256:${wheel.sha256}`,
  );
  await writeFile(join(links, 'constraints.txt'), constraints.join('\n'));
}

async function runBuild({ root, pin, log }: BuildOrder, folder: string): Promise<void> {
  const uv = await Uv.find(root);
  const links = join(folder, 'links');
  const [minor] = /^\d+\.\d+/.exec(pin.python) ?? [];
  const { stdout, stderr, failed } = await uv.run(
    [
      ...[
        'build',
        join(folder, 'source'),
        '--wheel',
        '--out-dir',
        join(folder, 'out'),
        '--python',
        minor ?? pin.python,
      ],
      ...[
        '--no-index',
        '--find-links',
        links,
        '--build-constraint',
        join(links, 'constraints.txt'),
        '--require-hashes',
        '--no-config',
      ],
    ],
    { cwd: folder, env: reproducibleEnvironment(folder) },
  );
  await writeFileAtomically(join(root, log), [Buffer.from(`${stdout}\n${stderr}\n`)]);
  if (failed) throw buildFailed(pin, log, `${stdout}\n${stderr}`);
}

function reproducibleEnvironment(folder: string): Record<string, string> {
  return {
    SOURCE_DATE_EPOCH,
    PYTHONHASHSEED: '0',
    TZ: 'UTC',
    LC_ALL: 'C.UTF-8',
    // Debugging symbols and __FILE__ would carry the path of this one build.
    CFLAGS: `-g0 -ffile-prefix-map=${folder}=.`,
    CXXFLAGS: `-g0 -ffile-prefix-map=${folder}=.`,
    // A Python that was built in a home folder hands its own library path down to every extension, as their RUNPATH.
    LDSHARED: `${process.env.CC ?? 'cc'} -shared`,
    LDCXXSHARED: `${process.env.CXX ?? 'c++'} -shared`,
  };
}

function buildFailed(pin: Pin, log: string, output: string): PinpackError {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return new PinpackError('PINPACK_BUILD_FAILED', `${pin.name} ${pin.version}`, [
    `its wheel could not be built${hint(output)}`,
    ...lines.slice(-SHOWN_LINES),
    `The whole log: ${log}`,
  ]);
}

/** The usual causes, with the package that mends each. */
function hint(output: string): string {
  if (output.includes('Python.h: No such file'))
    return ": Python's headers are missing (Debian: python3-dev, Fedora: python3-devel)";
  if (
    /(?:command|error: command) '?(?:gcc|cc|x86_64-linux-gnu-gcc|clang)'? (?:failed: No such file|not found)/.test(
      output,
    )
  ) {
    return ': there is no C compiler (Debian: gcc, Fedora: gcc)';
  }
  const [, header] = /fatal error: (\S+\.h\w*): No such file/.exec(output) ?? [];
  if (header !== undefined) return `: the header ${header} is missing`;
  if (output.includes('No interpreter found')) return ': the Python that it is for is not on this machine';
  return '';
}

/** Writes the built wheel in its canonical form, under the name that the build gave it. */
async function publish({ root, pin, wheels }: BuildOrder, out: string): Promise<string> {
  const name = (await readdir(out)).find((file) => file.endsWith('.whl')) ?? '';
  const wheel = await openWheel(join(out, name));
  try {
    if (compareVersions(parseVersion(wheel.metadata.version), parseVersion(pin.version)) !== 0) {
      throw new PinpackError('PINPACK_BUILD_VERSION_DIFFERS', name, [
        `the build gave version ${wheel.metadata.version}, locked is ${pin.version}`,
        'Write the version into pyproject.toml, [project] version, and lock again.',
      ]);
    }
    await writeFileAtomically(join(root, wheels, name), encodeCanonicalWheel(wheel.entries, readContents(wheel)));
    await pruneOthers(join(root, wheels), name, wheelPattern(pin.name));
    return name;
  } finally {
    wheel.close();
  }
}
