// Vendors the Rust crates of an sdist, so that its build needs no network: cargo fetches the versions of Cargo.lock and verifies their checksums. The
// crates are cached by the digest of Cargo.lock.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { distError } from '../dist-error.js';
import { exists, readSmallFile } from '../files/optional-file.js';

/** Maximum depth of Cargo.lock: `rust/crates/x/Cargo.lock`. */
const DEPTH = 3;
const CONFIG = 'pinpack-config.toml';

export interface CratesRequest {
  /** `name version` of the pin, for messages. */
  subject: string;
  /** The unpacked sdist. */
  tree: string;
  /** The user's cache folder. */
  cache: string;
}

/**
 * @returns the folder of the crates; undefined without a Cargo.lock, or if all of its crates are in the source tree
 * @throws DistError `DIST_CRATES_MISSING`
 */
export async function vendorCrates({ subject, tree, cache }: CratesRequest): Promise<string | undefined> {
  const manifest = await findLocked(tree, DEPTH);
  if (manifest === undefined) return undefined;
  const lock = await readSmallFile(join(manifest, 'Cargo.lock')).catch((cause: unknown) => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw distError(subject, 'DIST_CRATES_MISSING', [`its Cargo.lock ${found}`, 'Use a wheel.'], { cause });
  });
  if (lock?.includes('\nsource = ') !== true) return undefined;
  if (lock.includes('source = "git+')) {
    throw distError(subject, 'DIST_CRATES_MISSING', [
      'its Cargo.lock has crates from git, which have no checksum',
      'Patch Cargo.toml and Cargo.lock so that they come from a registry ("patches" in reqset.json), or use a wheel.',
    ]);
  }
  const folder = join(cache, 'crates', createHash('sha256').update(lock).digest('hex').slice(0, 32));
  if (!(await exists(folder))) await vendor(subject, join(manifest, 'Cargo.toml'), folder);
  return folder;
}

async function vendor(subject: string, manifest: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const unfinished = await mkdtemp(`${folder}-`);
  try {
    const words = ['vendor', '--locked', '--versioned-dirs', '--manifest-path', manifest, join(unfinished, 'crates')];
    // Not in the source tree, whose cargo settings must not apply here.
    const { stdout, stderr, failed } = await execa('cargo', words, { cwd: unfinished, reject: false });
    if (failed) {
      throw distError(subject, 'DIST_CRATES_MISSING', [
        'cargo could not fetch the crates of its Cargo.lock',
        ...stderr.trimEnd().split('\n').slice(-8),
        'Check that cargo is installed (Debian: cargo, Fedora: cargo) and the network is reachable. Crates are cached after the first download.',
      ]);
    }
    // Builds that root starts run as another user.
    await execa('chmod', ['-R', 'a+rX', '--', join(unfinished, 'crates')]);
    await writeFile(join(unfinished, 'crates', CONFIG), stdout.replaceAll(join(unfinished, 'crates'), CRATES));
    await rename(join(unfinished, 'crates'), folder).catch(async (error: unknown) => {
      // Another run was faster.
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

const CRATES = '<crates>';

/** Writes cargo's settings for one build. @param seen - the path of the crates as the build sees it */
export async function writeCargoConfig(folder: string, seen: string, work: string): Promise<void> {
  const config = await readFile(join(folder, CONFIG), 'utf8');
  await mkdir(join(work, 'cargo'), { recursive: true });
  await writeFile(join(work, 'cargo', 'config.toml'), config.replaceAll(CRATES, seen));
}

/** The folder with a Cargo.lock that is nearest to the top. */
async function findLocked(folder: string, depth: number): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some((entry) => entry.isFile() && entry.name === 'Cargo.lock')) return folder;
  const below = depth === 0 ? [] : entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  for (const name of below.sort()) {
    const found = await findLocked(join(folder, name), depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
