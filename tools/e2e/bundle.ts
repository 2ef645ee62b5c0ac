/** An image as a runtime would start it: copied by skopeo, unpacked by umoci, run by bwrap with what its own config says. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readProgram, runProgram, type ProgramResult } from '@pinpack/common/program';

interface RuntimeConfig {
  process: { args: string[]; env: string[]; cwd: string; user: { uid: number; gid: number } };
}

export interface Bundle {
  rootfs: string;
  process: RuntimeConfig['process'];
}

/** @param archive - `….oci.tar`. @param folder - is made */
export async function unpackBundle(archive: string, folder: string): Promise<Bundle> {
  const copy = `${folder}.layout`;
  await readProgram('skopeo', ['copy', '--quiet', '--insecure-policy', `oci-archive:${archive}`, `oci:${copy}:image`]);
  await readProgram('umoci', ['unpack', '--image', `${copy}:image`, folder]);
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as RuntimeConfig;
  return { rootfs: join(folder, 'rootfs'), process: config.process };
}

/** Without network but loopback. @param argv - in place of the image's own command */
export function runBundle({ rootfs, process }: Bundle, argv: readonly string[] = process.args): Promise<ProgramResult> {
  const { user, env, cwd } = process;
  const variables = env.flatMap((line) => [
    '--setenv',
    line.slice(0, line.indexOf('=')),
    line.slice(line.indexOf('=') + 1),
  ]);
  // As root in the sandbox, and down from there: a user namespace would show the image's files as somebody else's.
  const change = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  return runProgram('bwrap', [
    ...['--die-with-parent', '--unshare-net', '--unshare-pid', '--unshare-ipc'],
    ...['--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID'],
    ...['--bind', rootfs, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp', '--chmod', '1777', '/tmp'],
    ...['--tmpfs', '/dev/shm', '--chmod', '1777', '/dev/shm'],
    ...['--chdir', cwd, '--clearenv', ...variables, '--', ...change, ...argv],
  ]);
}
