/** A container image to stand on, made by debootstrap of this machine's own release and mirror: Debian's smallest with python3. */
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProgram, runProgram } from '@pinpack/common/program';

/** Why there is none here. */
export interface NoBase {
  reason: string;
}

/** An OCI image layout with the image `python`. */
export interface ImageBase {
  layout: string;
}

const PROGRAMS = ['debootstrap', 'umoci', 'skopeo'];
const FORMAT = '$(CREATED_BY) $(COMPONENT) $(RELEASE) $(SITE)';

/** Kept in the system's folder for temporary files: debootstrap takes a minute, and most of it is the network's. */
export async function makeImageBase(): Promise<ImageBase | NoBase> {
  for (const program of PROGRAMS) {
    const { failed } = await runProgram('which', [program]);
    if (failed) return { reason: `${program} is not installed: tools/setup-system.sh installs it` };
  }
  const release = await readRelease();
  const mirror = release && (await findMirror(release));
  if (release === undefined || mirror === undefined) return { reason: 'apt names no mirror of a Debian release here' };
  const layout = join(tmpdir(), `pinpack-image-base-${release}`);
  if (await isThere(layout)) return { layout };
  const work = `${layout}.${process.pid}`;
  try {
    await mkdir(work);
    const rootfs = join(work, 'rootfs');
    const options = ['--variant=minbase', '--include=python3', release, rootfs, mirror];
    const made = await runProgram('debootstrap', options);
    if (made.failed) return { reason: `debootstrap: ${made.all.split('\n').slice(-3).join(' ')}` };
    for (const folder of ['var/cache/apt', 'var/lib/apt/lists']) await rm(join(rootfs, folder), { recursive: true });
    await rename(await packLayout(work, rootfs), layout);
    return { layout };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function packLayout(work: string, rootfs: string): Promise<string> {
  const layout = join(work, 'layout');
  const image = `${layout}:python`;
  await readProgram('umoci', ['init', '--layout', layout]);
  await readProgram('umoci', ['new', '--image', image]);
  await readProgram('umoci', ['insert', '--image', image, rootfs, '/']);
  await readProgram('umoci', ['config', '--image', image, '--config.cmd', '/bin/bash', '--config.env', 'FROM=base']);
  return layout;
}

/** `bookworm` */
export async function readRelease(): Promise<string | undefined> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^VERSION_CODENAME=(\S+)$/m.exec(text)?.[1];
}

/** The mirror that apt is configured with for a release of Debian. */
export async function findMirror(release: string): Promise<string | undefined> {
  const { failed, stdout } = await runProgram('apt-get', ['indextargets', '--format', FORMAT]).catch(() => ({
    failed: true,
    stdout: '',
  }));
  const lines = failed ? [] : stdout.split('\n').map((line) => line.split(' '));
  return lines.find(
    ([kind, component, suite]) => kind === 'Packages' && component === 'main' && suite === release,
  )?.[3];
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
