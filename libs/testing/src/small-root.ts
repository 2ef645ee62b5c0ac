/** A root folder with a Python, its headers and a C compiler, made of this machine's own files in seconds, as builds in a root need it. */
import { existsSync, realpathSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';

export interface SmallRoot {
  folder: string;
  /** Full version of its Python: `3.11.2`. */
  python: string;
  /** The minor version of its glibc 2. */
  glibc: number;
}

/** Defined in everything that the root's compiler compiles. */
export const ROOT_MACRO = 'COMPILED_IN_THE_ROOT';

const PROBE = `
import json, os, platform, sys, sysconfig
print(json.dumps({
    "version": platform.python_version(),
    "minor": "%d.%d" % sys.version_info[:2],
    "stdlib": sysconfig.get_path("stdlib"),
    "headers": os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
    "glibc": int(os.confstr("CS_GNU_LIBC_VERSION").split(".")[1]),
}))`;

interface Facts {
  version: string;
  minor: string;
  stdlib: string;
  headers: boolean;
  glibc: number;
}

const LINKS = ['bin', 'sbin', 'lib', 'lib64'];
const COMPILER_NAMES = ['cc', 'gcc', 'x86_64-linux-gnu-gcc'];

/** Why this machine cannot make one; undefined if it can. */
export async function smallRootProblem(): Promise<string | undefined> {
  if (!LINKS.every((name) => realpathSync(`/${name}`).startsWith('/usr/'))) return '/bin and /lib are no links to /usr';
  const found = await execa('/usr/bin/python3', ['-I', '-c', PROBE], { reject: false });
  if (found.failed) return 'there is no /usr/bin/python3';
  if (!(JSON.parse(found.stdout) as Facts).headers) return 'there is no Python.h (Debian: python3-dev)';
  return (await execa('gcc', ['--version'], { reject: false })).failed ? 'there is no gcc' : undefined;
}

/** @param folder - is made */
export async function makeSmallRoot(folder: string): Promise<SmallRoot> {
  const { stdout } = await execa('/usr/bin/python3', ['-I', '-c', PROBE]);
  const { version, minor, stdlib, glibc } = JSON.parse(stdout) as Facts;
  await mkdir(join(folder, 'usr'), { recursive: true });
  for (const name of LINKS) {
    await mkdir(join(folder, realpathSync(`/${name}`)), { recursive: true });
    await symlink(realpathSync(`/${name}`).slice(1), join(folder, name));
  }
  const gcc = realpathSync((await execa('which', ['gcc'])).stdout);
  const objects = await gccObjects();
  const python = realpathSync(`/usr/bin/python${minor}`);
  const programs = [python, gcc, '/bin/sh', ...objects.programs];
  const modules = (await readdir(join(stdlib, 'lib-dynload'))).map((name) => join(stdlib, 'lib-dynload', name));
  const libraries = await librariesOf([...programs, ...modules]);
  for (const path of [...programs, ...objects.files, ...libraries]) await copy(folder, path);
  const isNeeded = (path: string): boolean => !/\/(?:dist-packages|site-packages|test|__pycache__)$/.test(path);
  await cp(stdlib, join(folder, stdlib), { recursive: true, filter: isNeeded });
  await cp('/usr/include', join(folder, 'usr/include'), { recursive: true });
  const script = `#!/bin/sh\nexec ${gcc} -D${ROOT_MACRO} "$@"\n`;
  for (const name of COMPILER_NAMES) {
    await writeFile(join(folder, 'usr/bin', name), script);
    await chmod(join(folder, 'usr/bin', name), 0o755);
  }
  return { folder, python: version, glibc };
}

/** What gcc starts and links. */
async function gccObjects(): Promise<{ programs: string[]; files: string[] }> {
  const ask = async (option: string): Promise<string> => (await execa('gcc', [option])).stdout.trim();
  const own = dirname(await ask('-print-libgcc-file-name'));
  const programs = await Promise.all(['cc1', 'collect2', 'as', 'ld'].map((name) => ask(`-print-prog-name=${name}`)));
  const found = await Promise.all(
    ['crt1.o', 'crti.o', 'crtn.o', 'libc.so', 'libc_nonshared.a', 'libm.so', 'libmvec.so.1', 'libgcc_s.so.1'].map(
      (name) => ask(`-print-file-name=${name}`),
    ),
  );
  const parts = (await readdir(own)).filter((name) =>
    /^(?:crt.*\.o|libgcc.*|liblto_plugin\.so|lto-wrapper|include)$/.test(name),
  );
  const located = await Promise.all(
    programs.map(async (path) => (path.includes('/') ? path : (await execa('which', [path])).stdout.trim())),
  );
  return { programs: located, files: [...found, ...parts.map((name) => join(own, name))] };
}

async function librariesOf(programs: readonly string[]): Promise<string[]> {
  const { stdout } = await execa('ldd', programs, { reject: false });
  return [...new Set([...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, path = '']) => path))];
}

/** To the same path, through the links of the root folder; links become what they point to. */
async function copy(root: string, path: string): Promise<void> {
  if (!existsSync(path)) return;
  const target = join(root, realpathSync(dirname(path)), basename(path));
  await mkdir(dirname(target), { recursive: true });
  await cp(realpathSync(path), target, { recursive: true });
}
