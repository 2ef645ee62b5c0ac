// The payload entries of a wheel RPM for each layout. rpm-gen's one pass over them reads each of the wheel's files once.
import { sha256Of } from '@pinpack/common/digest';
import {
  CanonicalWheelDigest,
  canonicalWheelSize,
  encodeCanonicalWheel,
  readContents,
  type Wheel,
  type WheelContent,
  type WheelEntry,
} from '@pinpack/python-dist';
import type { FileContent, RpmEntry } from '@pinpack/rpm-gen';
import { isLicenseFile, type Licensed } from '../licenses/license-files.js';

export interface WheelContents {
  entries: RpmEntry[];
  /** Of the canonical wheel, in hex; known when the last of the entries was read. */
  sha256: () => string;
}

/** Called with each of the wheel's files. */
type Look = (name: string, data: Uint8Array) => void;

type ReadableWheel = Pick<Wheel, 'entries' | 'read'>;

/**
 * The wheel's files; its licence texts are marked for rpm. No file is marked as documentation: rpm leaves that out where documentation is not wanted, as in most
 * container images, and environments and `rpm -V` need every file that RECORD lists.
 *
 * rpm-gen reads them in the order of their paths, which is the canonical wheel's order too.
 */
export function treeContents(wheel: ReadableWheel & Licensed, tree: string, look: Look): WheelContents {
  const canonical = new CanonicalWheelDigest(wheel.entries);
  const read = async (entry: WheelEntry, space?: Uint8Array): Promise<WheelContent> => {
    const content = await wheel.read(entry, space);
    canonical.add(entry, content.data, content.crc32);
    look(entry.name, content.data);
    return content;
  };
  const entries = wheel.entries.map((entry): RpmEntry => {
    const { name, mode, size } = entry;
    const license = isLicenseFile(wheel, name);
    return {
      path: `${tree}/${name}`,
      kind: 'file',
      mode,
      size,
      ...(license && { license }),
      read: (space) => read(entry, space),
    };
  });
  return { entries, sha256: () => canonical.finish().sha256 };
}

/** The canonical wheel as one file. */
export function storedContents(wheel: ReadableWheel, path: string, look: Look): WheelContents {
  const size = canonicalWheelSize(wheel.entries);
  let sha256 = '';
  const read = async (): Promise<FileContent> => {
    const data = Buffer.alloc(size);
    let end = 0;
    for await (const piece of encodeCanonicalWheel(wheel.entries, looking(readContents(wheel), look))) {
      data.set(piece, end);
      end += piece.length;
    }
    sha256 = sha256Of(data);
    return { data, sha256 };
  };
  return { entries: [{ path, kind: 'file', mode: 0o644, size, read }], sha256: () => sha256 };
}

/** Copies of the licence texts of a wheel that is delivered as one file, at the place where rpm's packages have them. */
export function licenseCopies(wheel: ReadableWheel & Licensed, folder: string): RpmEntry[] {
  return wheel.entries
    .filter(({ name }) => isLicenseFile(wheel, name))
    .map((entry) => ({
      path: `${folder}/${entry.name}`,
      kind: 'file',
      mode: 0o644,
      size: entry.size,
      license: true,
      read: async () => ({ data: (await wheel.read(entry)).data }),
    }));
}

async function* looking(contents: ReturnType<typeof readContents>, look: Look): ReturnType<typeof readContents> {
  for await (const content of contents) {
    look(content.entry.name, content.data);
    yield content;
  }
}
