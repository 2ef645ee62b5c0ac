// Finds the Python that runs builds, by uv, and reads its properties. It is never downloaded.
import { z } from 'zod';
import { distError } from '../dist-error.js';
import { minorVersion } from '../lock/closure.js';
import { parseJson } from '@pinpack/common/json';
import type { Uv } from '../uv/uv.js';

const PROPERTIES = z.object({
  /** `sys.version`: patch version, the distribution's build and the compiler. */
  version: z.string(),
  /** `cpython-311-x86_64-linux-gnu` */
  soabi: z.string(),
  /** The compiler flags that it passes to extensions. */
  flags: z.string(),
  /** `glibc 2.36` */
  libc: z.string(),
  /** `x86_64` */
  machine: z.string(),
});

export interface Interpreter extends z.infer<typeof PROPERTIES> {
  path: string;
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
 * @param python - the reqset's full version: any patch version of the same minor version can build for it
 * @throws DistError `DIST_SOURCE_PYTHON_MISSING`
 */
export async function findInterpreter(uv: Uv, python: string): Promise<Interpreter> {
  const minor = minorVersion(python);
  const { stdout, failed } = await uv.run(['python', 'find', '--no-project', '--system', '--no-config', minor]);
  const path = stdout.trim();
  const { execa } = await import('execa');
  const probed = failed ? undefined : await execa(path, ['-I', '-S', '-c', PROBE], { reject: false });
  const found = probed === undefined || probed.failed ? undefined : parseJson(probed.stdout, PROPERTIES);
  if (found === undefined) {
    throw distError(`python${minor}`, 'DIST_SOURCE_PYTHON_MISSING', [
      'is not installed; builds from source need the Python version that they are for',
      `Install it with its headers (Debian: python${minor}-dev, Fedora: python${minor}-devel), or pin versions that have wheels.`,
    ]);
  }
  return { path, ...found };
}
