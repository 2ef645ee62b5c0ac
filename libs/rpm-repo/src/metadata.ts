/** The metadata of a repository's folder: createrepo_c's, with prestodelta, updateinfo and a signature, the same bytes each time. */
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkMetadata, type DescribedPackage } from './check-metadata.js';
import { formatPatchIndex, PATCH_METADATA, type PublishedPatch } from './patches/patch-index.js';
import { formatPrestodelta, type PublishedDelta } from './prestodelta.js';
import { runProgram } from './program.js';
import type { Signer } from './signer.js';
import { formatUpdateinfo, type UpdateinfoRequest } from './updateinfo.js';

export interface MetadataRequest extends UpdateinfoRequest {
  /** Seconds since 1970: the revision, and every time in it. */
  revision: number;
  /** The RPMs below the folder: the metadata must have all of them, and no other. */
  packages: readonly DescribedPackage[];
  deltas: readonly PublishedDelta[];
  patches?: readonly PublishedPatch[];
  signer: Pick<Signer, 'signArmored'> | undefined;
  /** Threads. */
  workers: number;
}

/** gzip is what every dnf and yum reads; zchunk is offered beside it, of which dnf downloads only what changed. */
const GZIP = ['--compress-type', 'gz'];
const COMPRESSION = [...GZIP, '--zck'];

/** Describes the RPMs below `folder`. @throws RepoError `REPO_PROGRAM_MISSING`, `REPO_PROGRAM_FAILED`, `REPO_METADATA_DIFFERS` */
export async function writeMetadata(folder: string, request: MetadataRequest): Promise<void> {
  const { revision, packages, deltas, patches = [], advisories, signer, workers } = request;
  const repodata = join(folder, 'repodata');
  await runProgram('createrepo_c', [
    ...['--quiet', '--no-database', '--general-compress-type', 'gz', '--zck'],
    ...['--revision', String(revision), '--set-timestamp-to-revision', '--workers', String(workers), folder],
  ]);
  if (deltas.length > 0) await addMetadata(repodata, 'prestodelta.xml', formatPrestodelta(deltas));
  if (advisories.length > 0) await addMetadata(repodata, 'updateinfo.xml', formatUpdateinfo(request));
  // JSON is YAML, and modifyrepo_c knows no .json. Python's standard library cannot read zchunk.
  if (patches.length > 0)
    await addMetadata(repodata, `${PATCH_METADATA}.yaml`, formatPatchIndex(patches, packages), GZIP);
  await fixTimes(repodata, revision);
  // Before the signature: nothing that is wrong gets one.
  await checkMetadata(folder, { packages, deltas, patches, advisories });
  if (signer !== undefined) {
    const repomd = join(repodata, 'repomd.xml');
    await writeFile(`${repomd}.asc`, await signer.signArmored(await readFile(repomd), revision));
  }
}

async function addMetadata(repodata: string, name: string, text: string, compression = COMPRESSION): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'pinpack-metadata-'));
  try {
    const file = join(work, name);
    const type = name.replace(/\.[^.]+$/, '');
    await writeFile(file, text);
    await runProgram('modifyrepo_c', ['--mdtype', type, ...compression, file, repodata]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** createrepo_c's own option for it leaves out zchunk, and modifyrepo_c has none. */
async function fixTimes(repodata: string, revision: number): Promise<void> {
  const repomd = join(repodata, 'repomd.xml');
  const text = await readFile(repomd, 'utf8');
  await writeFile(repomd, text.replaceAll(/<timestamp>\d+<\/timestamp>/g, `<timestamp>${revision}</timestamp>`));
  await Promise.all((await readdir(repodata)).map((name) => utimes(join(repodata, name), revision, revision)));
}
