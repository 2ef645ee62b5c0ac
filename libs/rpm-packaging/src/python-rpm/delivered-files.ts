// Decides which files of an interpreter its RPM contains. Servers need neither tests nor headers, and a wheel's environment brings its own packages. Pure.
import type { InterpreterPart } from '@pinpack/python-dist';

/** Paths relative to the interpreter's folder, by the part that they belong to. */
const PARTS: Readonly<Record<InterpreterPart, RegExp>> = {
  // It needs libcrypt.so.1, which el9 and Fedora do not install by default. Python 3.13 has removed it.
  crypt: /^lib\/[^/]+\/(?:crypt\.py$|lib-dynload\/_crypt\.)/,
  headers: /^(?:include|lib\/pkgconfig)\//,
  idlelib: /^lib\/[^/]+\/idlelib\//,
  libpython: /^lib\/libpython[^/]*\.so[^/]*$/,
  pip: /^lib\/[^/]+\/(?:ensurepip\/_bundled|site-packages|dist-packages)\//,
  static: /^lib\/[^/]+\.a$|^lib\/[^/]+\/config-[^/]+\//,
  tests:
    /^lib\/python[^/]+\/(?:.+\/)?(?:tests?|idle_test)\/|\/lib-dynload\/(?:_ctypes_test|_test|_xxtest|xx)[^/]*$|^lib\/[^/]+\/__(?:ph|h)ello__(?:\/|\.)/,
  tkinter:
    /^lib\/[^/]+\/(?:tkinter\/|turtledemo\/|turtle\.py$|lib-dynload\/_tkinter)|^lib\/(?:libtcl|libtk|tcl|tk|itcl|thread|Tix)/,
};

/** Of other systems, of the machine that built it, or made again: bytecode belongs to other times of its sources. */
const NEVER = /(?:^|\/)__pycache__\/|\.exe$|^lib\/[^/]+\/venv\/scripts\/nt\//;

/** Scripts in `bin` contain paths of another machine. */
const KEPT_FOLDERS = /^(?:lib|include)\//;

/**
 * @param path - of a file, relative to the interpreter's folder
 * @param minor - `3.12`
 * @param needed - paths of shared libraries that its programs need
 */
export function isDelivered(
  path: string,
  { minor, keep, needed }: { minor: string; keep: readonly InterpreterPart[]; needed: ReadonlySet<string> },
): boolean {
  if (path === `bin/python${minor}`) return true;
  if (NEVER.test(path) || !KEPT_FOLDERS.test(path)) return false;
  if (needed.has(path)) return true;
  return Object.entries(PARTS).every(([part, pattern]) => !pattern.test(path) || keep.some((kept) => kept === part));
}
