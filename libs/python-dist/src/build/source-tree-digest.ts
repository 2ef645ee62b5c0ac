// Digest of a source tree for the cache key of its build: path, mode and content of each file.
import { createHash } from 'node:crypto';
import { lstat, readlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { sha256OfFile } from '@pinpack/common/digest';
import { walkFolder } from '@pinpack/common/walk-folder';

/** sha256 in hex. @param folder - the copy that is built, without outputs of earlier builds */
export async function digestSourceTree(folder: string): Promise<string> {
  const entries = await walkFolder(folder);
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const lines = await Promise.all(files.map((file) => describeFile(folder, file)));
  return createHash('sha256').update(JSON.stringify(lines.sort())).digest('hex');
}

async function describeFile(folder: string, file: string): Promise<string> {
  const path = relative(folder, file).split(sep).join('/');
  const { mode } = await lstat(file);
  const isLink = (mode & 0o170000) === 0o120000;
  return JSON.stringify([path, mode.toString(8), isLink ? await readlink(file) : await sha256OfFile(file)]);
}

/** File names that indicate compiled code. */
const COMPILED =
  /\.(?:c|cc|cpp|cxx|h|hpp|m|mm|pyx|pxd|f|f90|f95|for|s|asm|rs|go|zig|cu)$|^(?:meson\.build|CMakeLists\.txt|Cargo\.toml|Makefile)$/i;

/** Build requirements that do not compile anything. */
const PURE = new Set([
  ...['setuptools', 'wheel', 'setuptools-scm', 'vcs-versioning', 'packaging', 'tomli', 'typing-extensions', 'build'],
  ...['flit-core', 'poetry-core', 'pdm-backend', 'pdm-pep517', 'uv-build', 'whey', 'calver', 'versioningit'],
  ...['hatchling', 'hatch-vcs', 'hatch-fancy-pypi-readme', 'editables', 'pathspec', 'pluggy', 'trove-classifiers'],
]);

/** Whether the build may call a compiler: true if unknown. @param buildRequires - names */
export async function mayCompile(folder: string, buildRequires: readonly string[]): Promise<boolean> {
  if (buildRequires.some((name) => !PURE.has(name))) return true;
  const files = await walkFolder(folder);
  return files.some((file) => !file.isDirectory() && COMPILED.test(file.name));
}

/** File names of code that extension modules are compiled from, and build files of projects that compile. */
const EXTENSION = /\.(?:c|cc|cpp|cxx|pyx|f|f90|rs|cu)$|^(?:meson\.build|CMakeLists\.txt|Cargo\.toml)$/i;
const NOT_BUILT = /^(?:tests?|docs?|examples?|benchmarks?|node_modules)$/i;

/** Whether a tree has code that is compiled into its wheel, as far as names show: for warnings. */
export async function hasExtensions(folder: string): Promise<boolean> {
  const files = await walkFolder(folder);
  return files.some(({ name, parentPath }) => {
    const folders = relative(folder, parentPath).split(sep);
    return EXTENSION.test(name) && !folders.some((each) => NOT_BUILT.test(each));
  });
}
