// Measures what an upgrade costs a server, in processor seconds and peak memory: rebuilding RPMs from patches and from deltas, and downloading them. Deltas
// are applied to installed files, as dnf does, in a mount namespace of its own: needs root, and a tmpfs at /dev/shm, since layers of an overlay may not overlap.
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { makeDelta, makePatch } from '@pinpack/rpm-repo';
import { readRpm } from '@pinpack/rpm-gen';
import { execa } from 'execa';
import { changedRpms } from './changed-rpms.mjs';

const PROGRAM = fileURLToPath(new URL('../../libs/pinpack-dnf/bin/pinpack-patch', import.meta.url));
/** Runs a program and prints its processor seconds and peak memory in kB. */
const MEASURED = `
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
sys.exit(code)
`;
/** The installed files over this system's, and the work folder at /mnt. */
const ENTER = `
mkdir "$1/root" && mount -t overlay overlay -o "lowerdir=$1/installed:/" "$1/root" && mount --bind "$1" "$1/root/mnt" && shift && exec chroot "$0" "$@"
`;
/** deltarpm's helper, which Debian's package lacks. */
const RPMDUMPHEADER = '#!/bin/sh\nexec cat /mnt/header\n';

/**
 * The sums of seconds and the largest memory over the RPMs that changed.
 *
 * @param {Record<'plain' | 'xz' | 'zstd', { old: string, fresh: string }>} folders - of RPMs in each compression
 */
export async function hostCosts({ plain, xz, zstd }) {
  return {
    patch: await total(plain, withPatch),
    patchXz: await total(xz, withPatch),
    deltaZstd: await total(zstd, withDelta),
    deltaXz: await total(xz, withDelta),
    download: await total(zstd, withDownload),
  };
}

async function total(folders, measureOne) {
  const sum = { seconds: 0, memory: 0 };
  for (const pair of await changedRpms(folders.old, folders.fresh)) {
    const work = await mkdtemp('/dev/shm/pinpack-host-');
    try {
      await install(pair.oldRpm, work);
      const { seconds, memory } = await measureOne({ ...pair, work });
      sum.seconds += seconds;
      sum.memory = Math.max(sum.memory, memory);
    } finally {
      await rm(work, { recursive: true });
    }
  }
  return sum;
}

/** Writes the old package's files and its header. */
async function install(oldRpm, work) {
  await execa('chmod', ['755', work]);
  const installed = join(work, 'installed');
  await mkdir(join(installed, 'usr/bin'), { recursive: true });
  const archive = await execa('rpm2cpio', [oldRpm], { encoding: 'buffer', maxBuffer: 2 ** 31 });
  await execa('cpio', ['-idm', '--quiet'], { cwd: installed, input: archive.stdout });
  const bytes = await readFile(oldRpm);
  const { headerOffset, payloadOffset } = readRpm(bytes);
  await writeFile(join(work, 'header'), bytes.subarray(headerOffset, payloadOffset));
  await writeFile(join(installed, 'usr/bin/rpmdumpheader'), RPMDUMPHEADER, { mode: 0o755 });
}

async function withPatch({ oldRpm, newRpm, work }) {
  const { size } = await stat(newRpm);
  const path = join(work, 'patch');
  const made = await makePatch({ oldRpm, newRpm, path, instead: size, share: 1 });
  if ('refused' in made) throw new Error(`${newRpm}: ${made.refused}`);
  const job = {
    ...{ patch: path, patch_size: made.size, patch_sha256: made.sha256, output: join(work, 'rpm') },
    ...{ root: join(work, 'installed'), header: join(work, 'header') },
    ...{ header_sha256: made.old.header, payload_sha256: made.old.payload },
    ...{ rpm_size: size, rpm_sha256: made.rpm, unpacked_size: made.unpacked },
  };
  return measured(['/usr/bin/python3', '-IBS', PROGRAM], JSON.stringify(job));
}

async function withDelta({ oldRpm, newRpm, work }) {
  const delta = await makeDelta({ oldRpm, newRpm, work, share: 1 });
  if ('refused' in delta) throw new Error(`${newRpm}: ${delta.refused}`);
  const apply = ['applydeltarpm', '/mnt/delta.drpm', '/mnt/rpm'];
  return measured(['unshare', '-m', 'sh', '-ec', ENTER, join(work, 'root'), work, ...apply], '');
}

/** By curl, and compared with its digest. */
async function withDownload({ newRpm, work }) {
  const server = createServer((_request, response) => {
    void pipeline(createReadStream(newRpm), response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${server.address().port}/`;
    const script = 'curl --silent --fail --noproxy "*" --output "$1" "$2" && sha256sum "$1"';
    return await measured(['sh', '-ec', script, 'sh', join(work, 'rpm'), url], '');
  } finally {
    server.close();
  }
}

async function measured(words, input) {
  const { stdout } = await execa('/usr/bin/python3', ['-c', MEASURED, ...words], { input });
  const [seconds, memory] = stdout.split(' ').map(Number);
  return { seconds, memory: memory * 1024 };
}
