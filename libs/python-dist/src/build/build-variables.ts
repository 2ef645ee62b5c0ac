// The environment variables of builds.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildFolders } from './sandbox.js';

/** The environment variables of a build. Nothing but PATH is inherited, so that builds are reproducible. */
export function buildEnvironment(
  { work, environment, crates, python }: BuildFolders,
  path: string,
  isOld = false,
): Record<string, string> {
  // Debug symbols and __FILE__ would contain the paths of this build and of this Python.
  const maps = [`${work}=.`, ...(python === undefined ? [] : [`${python}=/usr`])];
  const flags = ['-g0', ...maps.map((map) => `-ffile-prefix-map=${map}`)].join(' ');
  return {
    PATH: `${environment}/bin:${path}`,
    HOME: join(work, 'home'),
    TMPDIR: join(work, 'temporary'),
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    SOURCE_DATE_EPOCH,
    PYTHONHASHSEED: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONNOUSERSITE: '1',
    CFLAGS: flags,
    CXXFLAGS: flags,
    FFLAGS: flags,
    // A Python that was built in a home folder passes its library path to every extension as RUNPATH.
    LDSHARED: 'cc -shared',
    LDCXXSHARED: 'c++ -shared',
    CARGO_NET_OFFLINE: 'true',
    RUSTFLAGS: `--remap-path-prefix=${work}=. -C debuginfo=0 -C strip=symbols`,
    ...(crates !== undefined && { CARGO_HOME: join(work, 'cargo') }),
    // Python 2.7 ignores pyvenv.cfg.
    ...(isOld && { PYTHONPATH: join(environment, PYTHON2_PACKAGES) }),
    ...NO_NETWORK,
  };
}

const PYTHON2_PACKAGES = 'lib/python2.7/site-packages';

/** Whether a build environment is of Python 2.7. */
export function isPython2(environment: string): boolean {
  return existsSync(join(environment, PYTHON2_PACKAGES));
}

/** 1980-01-01, the earliest time that a zip can hold. */
const SOURCE_DATE_EPOCH = '315532800';

/** Nothing listens on port 9, so access to an index fails at once. This also keeps backends from installing packages that are not locked. */
const NO_NETWORK = {
  PIP_NO_INDEX: '1',
  UV_OFFLINE: '1',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  http_proxy: 'http://127.0.0.1:9',
  https_proxy: 'http://127.0.0.1:9',
};

/** Appends the settings' flags to the flags that make a build reproducible; other settings replace the variable of the same name. */
export function withSettings(fixed: Record<string, string>, settings: Record<string, string>): Record<string, string> {
  const merged = Object.entries(settings).map(([name, value]) => [
    name,
    name.endsWith('FLAGS') && fixed[name] !== undefined ? `${fixed[name]} ${value}` : value,
  ]);
  return { ...fixed, ...(Object.fromEntries(merged) as Record<string, string>) };
}
