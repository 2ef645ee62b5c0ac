// Computes the bytes that a server with pinpack-dnf downloads, and what rebuilding the RPMs costs it: processor seconds and peak memory.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePatch } from '@pinpack/rpm-repo';
import { readRpm } from '@pinpack/rpm-gen';
import { execa } from 'execa';
import pLimit from 'p-limit';

const PROGRAM = fileURLToPath(new URL('../../libs/pinpack-dnf/bin/pinpack-patch', import.meta.url));
/** Runs the program and prints its processor seconds and peak memory in kB. */
const MEASURED = `
import resource, subprocess, sys
code = subprocess.call([sys.executable, "-IBS", sys.argv[1]])
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(code)
`;

/**
 * The RPMs that only the new folder has, and the whole RPMs of a first installation. Each patch is applied by the program that servers run.
 *
 * @param {{ old: string, fresh: string, today: string, work: string }} folders - of RPMs; `today`: as they are without patches; `work`: for patches
 */
export async function patchesOfFolders({ old, fresh, today, work }) {
  await mkdir(work, { recursive: true });
  const before = await readdir(old);
  const files = await readdir(fresh);
  const bytes = { wheels: 0, application: 0, whole: 0, installation: 0, today: 0, seconds: 0, memory: 0 };
  for (const file of await readdir(today)) bytes.today += (await stat(join(today, file))).size;
  const limit = pLimit(availableParallelism());
  const wholes = await Promise.all(
    files.map((file) => limit(() => wholeBytes(join(fresh, file), join(work, `${file}.patch`)))),
  );
  bytes.installation = wholes.reduce((sum, size) => sum + size, 0);
  for (const [at, file] of files.entries()) {
    if (before.includes(file)) continue;
    const previous = before.find((one) => nameOf(one) === nameOf(file));
    const made = await patch(join(old, previous), join(fresh, file), join(work, 'patch'));
    bytes[file.includes('-wheel-') ? 'wheels' : 'application'] += made.size;
    bytes.whole += wholes[at];
    bytes.seconds += made.seconds;
    bytes.memory = Math.max(bytes.memory, made.memory);
  }
  return bytes;
}

/** Bytes of the patch against nothing, or of the RPM if that is smaller. */
async function wholeBytes(newRpm, path) {
  const { size: instead } = await stat(newRpm);
  const made = await makePatch({ oldRpm: undefined, newRpm, path, instead, share: 1 });
  return 'refused' in made ? instead : made.size;
}

async function patch(oldRpm, newRpm, path) {
  const { size: instead } = await stat(newRpm);
  const made = await makePatch({ oldRpm, newRpm, path, instead, share: 1 });
  if ('refused' in made) throw new Error(`${newRpm}: ${made.refused}`);
  return { ...made, ...(await apply({ oldRpm, path, made, size: instead })) };
}

async function apply({ oldRpm, path, made, size }) {
  const root = await mkdtemp(join(tmpdir(), 'pinpack-installed-'));
  try {
    await execa('chmod', ['755', root]);
    const archive = await execa('rpm2cpio', [oldRpm], { encoding: 'buffer', maxBuffer: 2 ** 31 });
    await execa('cpio', ['-idm', '--quiet'], { cwd: root, input: archive.stdout });
    const bytes = await readFile(oldRpm);
    const { headerOffset, payloadOffset } = readRpm(bytes);
    const header = `${path}.header`;
    await writeFile(header, bytes.subarray(headerOffset, payloadOffset));
    const output = `${path}.rpm`;
    await rm(output, { force: true });
    const job = {
      ...{ patch: path, patch_size: made.size, patch_sha256: made.sha256, output, root },
      ...{ header, header_sha256: made.old.header, payload_sha256: made.old.payload },
      ...{ rpm_size: size, rpm_sha256: made.rpm, unpacked_size: made.unpacked },
    };
    const { stdout } = await execa('/usr/bin/python3', ['-c', MEASURED, PROGRAM], { input: JSON.stringify(job) });
    const [seconds, memory] = stdout.split(' ').map(Number);
    return { seconds, memory: memory * 1024 };
  } finally {
    await rm(root, { recursive: true });
  }
}

/** `reqset-wheel-numpy` of `reqset-wheel-numpy-2.4.6-1.x86_64.rpm` */
function nameOf(file) {
  return file.replace(/-[^-]+-[^-]+$/, '');
}
