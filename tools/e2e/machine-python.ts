/** The machine's own Python as an archive in the layout of python-build-standalone. */
import { existsSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readProgram } from '@pinpack/common/program';

export interface MachinePython {
  /** Full version: `3.11.2`. */
  version: string;
  minor: string;
  /** The unpacked files. */
  folder: string;
}

/** @param archive - a `.tar.gz`, in a folder that exists. @param scratch - is made */
export async function packMachinePython(archive: string, scratch: string): Promise<MachinePython> {
  const ask =
    'import sys, sysconfig as s; print("%d.%d.%d" % sys.version_info[:3], s.get_path("stdlib"), s.get_path("include"))';
  const answer = await readProgram('/usr/bin/python3', ['-I', '-c', ask]);
  const [version = '', stdlib = '', headers = ''] = answer.trim().split(' ');
  const minor = version.split('.').slice(0, 2).join('.');
  const python = join(scratch, 'python');
  await mkdir(join(python, 'bin'), { recursive: true });
  await cp(`/usr/bin/python${minor}`, join(python, `bin/python${minor}`), { dereference: true });
  await mkdir(join(python, 'lib'));
  // Distributions link some modules to files elsewhere.
  await readProgram('cp', ['-rL', stdlib, join(python, `lib/python${minor}`)]);
  if (existsSync(headers)) {
    await mkdir(join(python, 'include'));
    await readProgram('cp', ['-rL', headers, join(python, `include/python${minor}`)]);
  }
  await readProgram('tar', ['czf', archive, '-C', scratch, 'python']);
  return { version, minor, folder: python };
}
