// The target `rpm`: the wheel's files as an RPM in dist/rpms. One pass over the wheel verifies it, digests it and packs it.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically, type Store } from '@pinpack/build-store';
import { carriesBytecode, isWheelOf, openWheel, type Pin } from '@pinpack/python-dist';
import {
  compressArchive,
  encodeRpm,
  fileName,
  readArchive,
  type Archive,
  type RpmEntry,
  type RpmSpec,
} from '@pinpack/rpm-gen';
import { compileBytecode } from './compile-bytecode.js';
import { PinpackError } from '../../pinpack-error.js';
import { pruneOthers, rpmPattern } from '../../prune.js';
import { compressionOf } from '../../reqset/compression.js';
import { canonicalFactsFile, reqsetPlace, wheelProject } from '../../reqset/place.js';
import { formatCanonicalFacts, type CanonicalFacts } from '../../rpm/canonical-facts.js';
import { ElfRequires } from '../../rpm/elf-requires.js';
import { folderEntries, wheelRpmPaths } from '../../rpm/paths.js';
import { planWheelRpm } from '../../rpm/plan-wheel-rpm.js';
import type { Output } from '../../store-key/restore.js';
import { keepRpm, restoreRpm, rpmKeyOf } from './stored-rpm.js';
import { storedContents, treeContents } from './wheel-contents.js';

/** Known when the last of the wheel is read: rpm-gen asks for the facts, whose path sorts behind all of these, after that. */
const SHA256_TO_COME = '0'.repeat(64);

export interface RpmOrder {
  root: string;
  reqset: string;
  pin: Pin;
  vendor: string;
  /** Waits for its turn to read, so that a run reads one wheel while it compresses another. */
  inTurn: <Result>(read: () => Promise<Result>) => Promise<Result>;
  store: Store | undefined;
}

/** @throws DistError, RpmError, PinpackError */
export async function makeRpm(order: RpmOrder): Promise<Output> {
  const { root, reqset, pin, inTurn } = order;
  const wheels = join(root, reqsetPlace(reqset).wheels);
  const key = await rpmKeyOf(order, join(wheels, await wheelFileName(wheels, reqset, pin)));
  const restored = await restoreRpm(order, key);
  if (restored !== undefined) return restored;
  const { archive, spec, facts } = await inTurn(() => readPackage(order));
  const { chunks, size } = encodeRpm(spec, await compressArchive(archive, compressionOf(pin)));
  const folder = join(root, reqsetPlace(reqset).rpms);
  const path = join(folder, fileName(spec));
  await writeFileAtomically(path, chunks);
  await keepRpm(order, key, path, facts);
  await writeFileAtomically(join(root, canonicalFactsFile(reqset, pin.name)), [Buffer.from(facts)]);
  await pruneOthers(folder, fileName(spec), rpmPattern(wheelProject(reqset, pin.name)));
  return { path, size, isRestored: false };
}

interface ReadPackage {
  archive: Archive;
  spec: RpmSpec;
  /** Text of the file for the RPMs of applications. */
  facts: string;
}

async function readPackage({ root, reqset, pin, vendor }: RpmOrder): Promise<ReadPackage> {
  const wheels = join(root, reqsetPlace(reqset).wheels);
  const wheel = await openWheel(join(wheels, await wheelFileName(wheels, reqset, pin)));
  try {
    const elf = new ElfRequires();
    const paths = wheelRpmPaths(reqset, pin.name, wheel.fileName);
    const isStored = pin.layout === 'stored';
    const look = elf.add.bind(elf);
    const contents = isStored ? storedContents(wheel, paths.stored, look) : treeContents(wheel, paths.tree, look);
    const facts: CanonicalFacts = {
      wheel: wheel.fileName,
      distInfo: wheel.distInfo,
      sha256: SHA256_TO_COME,
      ...(isStored && { layout: 'stored' }),
    };
    const entries = [
      ...contents.entries,
      ...(carriesBytecode(pin) ? await compileBytecode(wheel, pin, paths.tree) : []).map(({ name, data }) =>
        fileEntry(`${paths.tree}/${name}`, data.length, () => data),
      ),
      fileEntry(paths.facts, Buffer.byteLength(formatCanonicalFacts(facts)), () => {
        facts.sha256 = contents.sha256();
        return Buffer.from(formatCanonicalFacts(facts));
      }),
      { path: paths.wheel, kind: 'ghost', mode: 0o644, size: 0 } satisfies RpmEntry,
    ];
    const archive = await readArchive([...folderEntries(entries.map(({ path }) => path)), ...entries]);
    const spec = planWheelRpm({ reqset, pin, wheel, sha256: facts.sha256, elfRequires: elf.external(), vendor });
    return { archive, spec, facts: formatCanonicalFacts(facts) };
  } finally {
    wheel.close();
  }
}

async function wheelFileName(folder: string, reqset: string, pin: Pin): Promise<string> {
  if (pin.source.kind === 'wheel' || pin.source.kind === 'prebuilt') return pin.source.wheel.name;
  // Where Nx restored this one from its cache, that of another version may lie beside it.
  const found = (await readdir(folder).catch(() => [])).filter((name) => isWheelOf(name, pin));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new PinpackError('PINPACK_WHEEL_MISSING', wheelProject(reqset, pin.name), [
    `${found.length} wheels of it in ${reqsetPlace(reqset).wheels}, expected one`,
    `Build it: nx run ${wheelProject(reqset, pin.name)}:wheel --skip-nx-cache`,
  ]);
}

function fileEntry(path: string, size: number, read: () => Uint8Array): RpmEntry {
  return { path, kind: 'file', mode: 0o644, size, read: () => ({ data: read() }) };
}
