// Finds the libraries that an interpreter contains, for SBOMs: it is run and asked, because in most bundles they are linked statically.
import { join } from 'node:path';

/** Names of libraries, and the sonames of the system's, which a Python requires that does not contain them. */
const SONAMES: Readonly<Record<string, RegExp>> = {
  bzip2: /^libbz2\.so/,
  expat: /^libexpat\.so/,
  libffi: /^libffi\.so/,
  mpdecimal: /^libmpdec\.so/,
  ncurses: /^lib(?:ncursesw?|tinfow?)\.so/,
  openssl: /^lib(?:ssl|crypto)\.so/,
  sqlite: /^libsqlite3\.so/,
  xz: /^liblzma\.so/,
  zlib: /^libz\.so/,
  zstd: /^libzstd\.so/,
};

/** Python that prints the versions as JSON. A module that is missing is left out; bzip2, libffi and xz do not tell their versions. */
const SCRIPT = `
import json
found = {}
def ask(name, module, version):
    try:
        found[name] = version(__import__(module, fromlist=["_"])) or ""
    except (ImportError, AttributeError):
        pass
ask("bzip2", "_bz2", lambda m: "")
ask("expat", "pyexpat", lambda m: m.EXPAT_VERSION.replace("expat_", ""))
ask("libffi", "_ctypes", lambda m: "")
ask("mpdecimal", "_decimal", lambda m: m.__libmpdec_version__)
ask("ncurses", "_curses", lambda m: "%d.%d.%d" % m.ncurses_version[:3])
ask("openssl", "_ssl", lambda m: m.OPENSSL_VERSION.split()[1])
ask("sqlite", "sqlite3", lambda m: m.sqlite_version)
ask("xz", "_lzma", lambda m: "")
ask("zlib", "zlib", lambda m: m.ZLIB_RUNTIME_VERSION)
ask("zstd", "_zstd", lambda m: m.zstd_version)
print(json.dumps(found, sort_keys=True))
`;

/**
 * @param external - sonames that it needs of the system
 * @returns versions by name, '' where the interpreter does not tell; undefined if it does not run on this machine
 */
export async function containedLibraries(
  folder: string,
  { minor, external }: { minor: string; external: readonly string[] },
): Promise<Record<string, string> | undefined> {
  const { execa } = await import('execa');
  const program = join(folder, 'bin', `python${minor}`);
  const { stdout, failed } = await execa(program, ['-I', '-S', '-B', '-c', SCRIPT], { reject: false, timeout: 30_000 });
  if (failed || !stdout.startsWith('{')) return undefined;
  const found = JSON.parse(stdout) as Record<string, string>;
  const isOwn = (name: string): boolean => !external.some((soname) => SONAMES[name]?.test(soname) === true);
  return Object.fromEntries(Object.entries(found).filter(([name]) => isOwn(name)));
}
