/** Builds sdists in memory, valid and malicious ones. */
import { gzipSync } from 'node:zlib';
import { Header, type HeaderData } from 'tar';

const BLOCK = 512;

export interface SdistEntry extends Pick<HeaderData, 'type' | 'linkpath' | 'mode'> {
  path: string;
  data?: string | Buffer;
  /** In place of the data's own size. */
  declaredSize?: number;
}

/** A tar.gz with these entries, unchecked. */
export function encodeTar(entries: readonly SdistEntry[]): Buffer {
  return gzipSync(encodePlainTar(entries));
}

export function encodePlainTar(entries: readonly SdistEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, data = '', type = 'File', mode = 0o644, linkpath, declaredSize }) => {
    const bytes = Buffer.from(data);
    const size = type === 'File' ? bytes.length : 0;
    const header = new Header({
      path,
      size: declaredSize ?? size,
      mode,
      type,
      ...(linkpath !== undefined && { linkpath }),
      mtime: new Date(),
    });
    header.encode();
    const padded = Buffer.alloc(Math.ceil(size / BLOCK) * BLOCK);
    bytes.copy(padded, 0, 0, size);
    return [header.block ?? Buffer.alloc(0), padded];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** `<name>-<version>.tar.gz` with one folder. @param files - texts by path in it */
export function encodeSdist(name: string, version: string, files: Record<string, string>): Buffer {
  return encodeTar(Object.entries(files).map(([path, data]) => ({ path: `${name}-${version}/${path}`, data })));
}

/**
 * An sdist with its own build backend, which needs no build requirements.
 *
 * @param prepare - Python code that `prepare_metadata_for_build_wheel` runs first; it can append to the list `requires`
 */
export function sdistWithBackend(
  name: string,
  version: string,
  { requires = [''], added = [''], prepare = 'pass' } = {},
): Buffer {
  const metadata = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`];
  return encodeSdist(name, version, {
    'pyproject.toml': '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["build_tools"]\n',
    'PKG-INFO': metadata.join('\n'),
    'build_tools/backend.py': `
import os
def get_requires_for_build_wheel(config_settings=None):
    return ${JSON.stringify(added.filter((line) => line !== ''))}
def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    requires = ${JSON.stringify(requires.filter((line) => line !== ''))}
    ${prepare}
    folder = "${name}-${version}.dist-info"
    os.makedirs(os.path.join(metadata_directory, folder))
    with open(os.path.join(metadata_directory, folder, "METADATA"), "w") as metadata:
        metadata.write("\\n".join(${JSON.stringify(metadata)} + ["Requires-Dist: " + line for line in requires] + [""]))
    return folder
`,
  });
}
