// Wheels with nothing but metadata: uv reads a wheel of a folder as a whole, even if it was told the metadata.
import { crc32 } from 'node:zlib';
import { encodeCanonicalWheel } from '../wheel/canonical-wheel.js';
import { parseWheelFileName } from '../names/wheel-file-name.js';

/** @param fileName - of the wheel that it stands for, whose version is `version` */
export async function stubWheel(
  fileName: string,
  { name, version, requiresDist }: { name: string; version: string; requiresDist: readonly string[] },
): Promise<Buffer> {
  const [prefix = name] = fileName.split(/-(?=\d)/);
  const folder = `${prefix}-${fileName.split('-')[1] ?? version}.dist-info`;
  const { pythonTags, abiTags, platformTags } = parseWheelFileName(fileName);
  const tags = pythonTags.flatMap((python) =>
    abiTags.flatMap((abi) => platformTags.map((platform) => `Tag: ${python}-${abi}-${platform}`)),
  );
  const requires = requiresDist.map((line) => `Requires-Dist: ${line}`);
  const files = [
    ['METADATA', ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, ...requires]],
    ['RECORD', []],
    ['WHEEL', ['Wheel-Version: 1.0', 'Generator: pinpack', 'Root-Is-Purelib: true', ...tags]],
  ] as const;
  const contents = files.map(([file, lines]) => {
    const data = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    return { entry: { name: `${folder}/${file}`, size: data.length, mode: 0o644 as const }, data, crc32: crc32(data) };
  });
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeCanonicalWheel(
    contents.map(({ entry }) => entry),
    contents,
  ))
    pieces.push(piece);
  return Buffer.concat(pieces);
}
