// The folder of one call in the sandbox: small files of /etc, temporary files, and the program that calls the hook. Each call gets a new one,
// because a build could replace files of an older one by links.
import { chmod, copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ETC_OF_CALL } from './sandbox.js';

const DRIVER = fileURLToPath(new URL('../../python/backend.py', import.meta.url));

const ETC: Readonly<Record<(typeof ETC_OF_CALL)[number], string>> = {
  passwd: 'build:x:1000:1000::/tmp/pinpack-build/home:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
  group: 'build:x:1000:\nnogroup:x:65534:\n',
  hosts: '127.0.0.1 localhost\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
};

/** Readable under any umask, also for the user that root's builds run as. @returns its path */
export async function makeCallFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpack-call-'));
  for (const name of ['.', 'etc', 'tmp', 'shm']) {
    await mkdir(join(folder, name), { recursive: true });
    await chmod(join(folder, name), 0o755);
  }
  for (const [name, text] of Object.entries(ETC)) await writeReadable(join(folder, 'etc', name), text);
  await copyFile(DRIVER, join(folder, 'backend.py'));
  await chmod(join(folder, 'backend.py'), 0o644);
  return folder;
}

async function writeReadable(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o644);
}
