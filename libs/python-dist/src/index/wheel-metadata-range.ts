// Reads METADATA from a wheel on an index that does not serve it separately, by range requests. uv's own reader would inflate METADATA without a limit.
import { distError } from '../dist-error.js';
import type { ZipDirectory, ZipEntry } from '../zip/zip-directory.js';
import type { IndexTransport } from './index-transport.js';
import { withRangeWheel } from './range-wheel.js';
import type { IndexFile } from './simple-page.js';

/** Holds the end records and the directory of most wheels. */
const TAIL_BYTES = 128 * 1024;

/** @throws DistError `DIST_INDEX_*`, `DIST_WHEEL_*`, `DIST_METADATA_INVALID` */
export async function readMetadataByRange(transport: IndexTransport, file: IndexFile): Promise<string> {
  const options = { tailBytes: TAIL_BYTES, mayFetchAll: true };
  return withRangeWheel(transport, file, options, async ({ directory, read }) => {
    const data = await read(metadataEntry(directory, file.name), 'METADATA');
    return data.toString('utf8');
  });
}

function metadataEntry({ entries }: ZipDirectory, subject: string): ZipEntry {
  const found = entries.filter(({ rawName }) => /^[^/]+\.dist-info\/METADATA$/.test(rawName.toString('latin1')));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw distError(subject, 'DIST_METADATA_INVALID', `has ${found.length} METADATA files, expected one`);
}
