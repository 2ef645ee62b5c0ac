// The Python that builds: found by uv on this machine, never downloaded, and asked what it is.
import { distError } from '../dist-error.js';
import { minorVersion } from '../lock/closure.js';
import type { Uv } from '../uv/uv.js';

export interface Interpreter {
  path: string;
  /** `sys.version`: with the patch version, the distribution's build and the compiler. */
  version: string;
  /** `cpython-311-x86_64-linux-gnu` */
  soabi: string;
  /** The flags that it hands to extensions. */
  flags: string;
  /** `glibc 2.36` */
  libc: string;
  /** `x86_64` */
  machine: string;
}

const PROBE = `
import json, os, platform, sys, sysconfig
names = ("CC", "CXX", "CFLAGS", "CCSHARED", "LDSHARED", "LDCXXSHARED")
flags = " ".join(str(sysconfig.get_config_var(name)) for name in names)
print(json.dumps({
    "version": sys.version,
    "soabi": sysconfig.get_config_var("SOABI"),
    "flags": flags.replace(sys.base_prefix, "<prefix>"),
    "libc": os.confstr("CS_GNU_LIBC_VERSION"),
    "machine": platform.machine(),
}))`;

/**
 * @param python - full version of the reqset's: any patch version of its minor version builds for it
 * @throws DistError `DIST_SOURCE_PYTHON_MISSING`
 */
export async function findInterpreter(uv: Uv, python: string): Promise<Interpreter> {
  const minor = minorVersion(python);
  const { stdout, failed } = await uv.run(['python', 'find', '--no-project', '--system', '--no-config', minor]);
  const path = stdout.trim();
  const { execa } = await import('execa');
  const probed = failed ? undefined : await execa(path, ['-I', '-S', '-c', PROBE], { reject: false });
  if (probed === undefined || probed.failed) {
    throw distError(`python${minor}`, 'DIST_SOURCE_PYTHON_MISSING', [
      'is not on this machine; what is built from source is built by the very Python that it is for',
      `Install it with its headers (Debian: python${minor}-dev, Fedora: python${minor}-devel), or pin versions that have wheels.`,
    ]);
  }
  return { path, ...(JSON.parse(probed.stdout) as Omit<Interpreter, 'path'>) };
}
