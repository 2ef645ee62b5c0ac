// Reads text files of a zip archive of any origin: its names are not used as paths.
import yauzl from 'yauzl';

export interface ZipText {
  name: string;
  text: string;
}

/** The files whose names have the ending, in the order of the archive, without those above `limit` bytes. @throws Error if the archive is damaged */
export async function* readZipTexts(
  path: string,
  { ending, limit }: { ending: string; limit: number },
): AsyncGenerator<ZipText> {
  const zip = await yauzl.openPromise(path);
  try {
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith(ending) || entry.uncompressedSize > limit) continue;
      const pieces: Buffer[] = [];
      for await (const piece of await zip.openReadStreamPromise(entry)) pieces.push(piece as Buffer);
      yield { name: entry.fileName, text: Buffer.concat(pieces).toString('utf8') };
    }
  } finally {
    zip.close();
  }
}
