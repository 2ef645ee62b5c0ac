// Inspects the programs and libraries of an interpreter: whether it works in another folder and on the set's platform, and whose OpenSSL it uses.
import { readFile } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { walkFolder } from '@pinpack/common/walk-folder';
import { parsePlatform } from '@pinpack/python-dist';
import { ARCHITECTURES, elfLinks, type ElfLinks } from '@pinpack/rpm-gen';
import { PackagingError } from '../packaging-error.js';

export interface Inspection {
  /** Paths of its own shared libraries that its files need. */
  needed: ReadonlySet<string>;
  /** The version of the OpenSSL in it; undefined if it uses the system's. */
  openssl: string | undefined;
}

interface Links extends ElfLinks {
  path: string;
}

/**
 * @param folder - with `bin` and `lib`
 * @param platform - of the set
 * @param location - for messages
 * @throws PackagingError `PINPACK_PYTHON_UNUSABLE` with every issue
 */
export async function inspectInterpreter(
  folder: string,
  { minor, platform, location }: { minor: string; platform: string; location: string },
): Promise<Inspection> {
  const libraries = await readLinks(folder, minor);
  const { machine } = parsePlatform(platform);
  const program = libraries.find(({ path }) => path === `bin/python${minor}`);
  const own = new Map(
    libraries.filter(({ path }) => /^lib\/[^/]+$/.test(path)).map((one) => [basename(one.path), one]),
  );
  const issues = [
    ...(program === undefined ? [`bin/python${minor} is not a program of Linux`] : []),
    ...(program !== undefined && Object.hasOwn(ARCHITECTURES, machine) && program.architecture !== machine
      ? [`bin/python${minor} is not built for ${machine}, which "platform" in reqset.json names`]
      : []),
    ...libraries.flatMap((one) => notFound(one, program, own)),
  ];
  if (issues.length > 0) {
    throw new PackagingError('PINPACK_PYTHON_UNUSABLE', location, [
      ...issues,
      'Expected a Python that finds its libraries from its own folder, such as the install_only archives of python-build-standalone, or CPython that is built without --enable-shared.',
    ]);
  }
  const opensslOf = await findOpenssl(folder, libraries);
  return { needed: neededPaths(libraries, own), openssl: opensslOf };
}

/** Links to other names of a library are skipped. */
async function readLinks(folder: string, minor: string): Promise<Links[]> {
  const entries = await walkFolder(folder);
  const paths = entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => path === `bin/python${minor}` || /^lib\/.*\.so[^/]*$/.test(path));
  const read = paths.map(async (path): Promise<Links | undefined> => {
    const links = elfLinks(await readFile(join(folder, path)).catch(() => Buffer.of()));
    return links && { path, ...links };
  });
  return (await Promise.all(read)).filter((links) => links !== undefined);
}

/** The interpreter's own libraries that the loader would look for where they were built. An extension module finds libpython loaded. */
function notFound(
  { path, needed, runPaths }: Links,
  program: Links | undefined,
  own: ReadonlyMap<string, unknown>,
): string[] {
  // The loader also searches the DT_RPATH of the program for the libraries of extension modules (ld.so(8)).
  const searched = [...runPaths, ...(program?.runPaths ?? [])];
  const isFound = searched.some((folder) => folder.startsWith('$ORIGIN'));
  return needed
    .filter((name) => !name.startsWith('$ORIGIN') && own.has(name) && !isFound)
    .filter((name) => path.startsWith('bin/') || !name.startsWith('libpython'))
    .map((name) => `${path} looks for ${name} in ${runPaths.join(':') || "the system's folders"}, not beside itself`);
}

/** Of what the program and its extension modules need, directly or not. Tcl and Tk belong to tkinter. */
function neededPaths(libraries: readonly Links[], own: ReadonlyMap<string, Links>): Set<string> {
  const roots = libraries.filter(({ path }) => path.startsWith('bin/') || /\/lib-dynload\/(?!_tkinter)/.test(path));
  const found = new Set<string>();
  const pending = roots.flatMap(({ needed }) => needed);
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const library = own.get(basename(name));
    if (library === undefined || found.has(library.path)) continue;
    found.add(library.path);
    pending.push(...library.needed);
  }
  return found;
}

/** The version text in the file that contains OpenSSL: "OpenSSL 3.0.15 3 Sep 2024", "OpenSSL 1.1.1w  11 Sep 2023". */
async function findOpenssl(folder: string, libraries: readonly Links[]): Promise<string | undefined> {
  const candidates = libraries.filter(({ path }) => /^bin\/|\/_ssl\.|\/libpython|\/libcrypto/.test(path));
  for (const { path } of candidates) {
    const data = await readFile(join(folder, path));
    for (let at = data.indexOf('OpenSSL '); at >= 0; at = data.indexOf('OpenSSL ', at + 1)) {
      const text = data.subarray(at, at + 48).toString('latin1');
      const version = /^OpenSSL (\d+\.\d+\.\d+[a-z]*)(?:-\S+)? {1,2}\d{1,2} [A-Z][a-z]{2} \d{4}/.exec(text)?.[1];
      if (version !== undefined) return version;
    }
  }
  return undefined;
}
