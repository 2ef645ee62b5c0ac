/** RPMs made by rpmbuild, for tests that need one that is not pinpack's own, or one to compare with. */
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProgram } from '@pinpack/common/program';

/** Builds the binary RPM of one spec file into `folder` and gives its path. */
export async function buildRpm(folder: string, specFile: string): Promise<string> {
  const top = await mkdtemp(join(tmpdir(), 'pinpack-rpmbuild-'));
  try {
    await writeFile(join(top, 'package.spec'), specFile);
    await readProgram('rpmbuild', ['-bb', '--quiet', ...defines(top), join(top, 'package.spec')]);
    const [name] = await readdir(join(top, 'RPMS'));
    if (name === undefined) throw new Error(`rpmbuild wrote no RPM to ${join(top, 'RPMS')}`);
    await mkdir(folder, { recursive: true });
    // The temporary folder may be on another file system, so the move is made in two steps, the last of them a rename.
    const target = join(folder, name);
    await readProgram('cp', [join(top, 'RPMS', name), `${target}.${process.pid}.part`]);
    await rename(`${target}.${process.pid}.part`, target);
    return target;
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

function defines(top: string): string[] {
  const macros = {
    _topdir: top,
    _rpmdir: join(top, 'RPMS'),
    _rpmfilename: '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm',
    // Debian's rpmbuild would make a database in $HOME.
    _dbpath: join(top, 'db'),
    debug_package: '%{nil}',
    _build_id_links: 'none',
  };
  return Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
}
