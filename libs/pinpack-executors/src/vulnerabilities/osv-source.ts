// Reads vulnerabilities from a folder of OSV files, an archive of them (all.zip of an OSV database), or the URL of such an archive, of which a copy is kept
// for runs without a network.
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMissing } from '@pinpack/common/missing-file';
import { redactUrls } from '@pinpack/common/redact';
import { walkFolder } from '@pinpack/common/walk-folder';
import { readZipTexts, type ZipText } from '@pinpack/python-dist';
import { PinpackError } from '../pinpack-error.js';
import { fetchArchive } from './fetch-archive.js';
import { parseOsv, type OsvRecord } from './osv-record.js';

export interface OsvData {
  /** Of the wanted distributions. */
  records: OsvRecord[];
  /** Describes the source: `/srv/osv: 15231 records, the newest of 2026-11-20`. */
  description: string;
  warnings: string[];
}

export interface OsvSource {
  /** A folder or an archive, relative to `root`, or a URL. */
  from: string;
  root: string;
  /** The user's cache folder. */
  cache: string;
  /** PEP 503 names. */
  names: ReadonlySet<string>;
}

const RECORD_LIMIT = 32 << 20;
const ZIPPED = { ending: '.json', limit: RECORD_LIMIT };
const SHOWN_PROBLEMS = 3;

/** @throws PinpackError `PINPACK_OSV_UNREADABLE`: without data, "no vulnerability" would be a lie */
export async function readOsv({ from, root, cache, names }: OsvSource): Promise<OsvData> {
  const isRemote = /^https?:/.test(from);
  const { path, warnings } = isRemote
    ? await fetchArchive(from, cache)
    : { path: from.startsWith('file:') ? fileURLToPath(from) : resolve(root, from), warnings: [] };
  const shown = redactUrls(from);
  const collector = new Collector(names);
  try {
    for await (const { name, text } of (await stat(path)).isDirectory() ? filesOf(path) : readZipTexts(path, ZIPPED))
      collector.add(name, text);
  } catch (cause) {
    const found = isMissing(cause) ? 'does not exist' : String(cause instanceof Error ? cause.message : cause);
    throw unreadable(shown, found, cause);
  }
  if (collector.count === 0) throw unreadable(shown, 'has no vulnerability of the ecosystem PyPI');
  const newest = collector.newest === '' ? '' : `, the newest of ${collector.newest.slice(0, 10)}`;
  return {
    records: collector.records,
    description: `${shown}: ${collector.count} ${collector.count === 1 ? 'record' : 'records'}${newest}`,
    warnings: [...warnings, ...collector.warnings(shown)],
  };
}

class Collector {
  readonly records: OsvRecord[] = [];
  readonly #problems: string[] = [];
  count = 0;
  newest = '';

  constructor(private readonly names: ReadonlySet<string>) {}

  add(name: string, text: string): void {
    // Databases of all ecosystems are large, and parsing is the expensive part.
    if (!text.includes('PyPI')) return;
    const record = parseOsv(text);
    if (record === undefined) return;
    if ('problem' in record) {
      this.#problems.push(`${name} ${record.problem}`);
      return;
    }
    this.count++;
    if ((record.modified ?? '') > this.newest) this.newest = record.modified ?? '';
    if (record.affected.some((one) => this.names.has(one.name))) this.records.push(record);
  }

  warnings(source: string): string[] {
    if (this.#problems.length === 0) return [];
    const more = this.#problems.length > SHOWN_PROBLEMS ? ` and ${this.#problems.length - SHOWN_PROBLEMS} more` : '';
    return [`${source}: ${this.#problems.slice(0, SHOWN_PROBLEMS).join(', ')}${more}, which are ignored`];
  }
}

function unreadable(subject: string, found: string, cause?: unknown): PinpackError {
  const expected =
    'expected a folder of OSV files (*.json), an archive of them (.zip), or the URL of one: "audit": { "osv": … } in nx.json, or PINPACK_OSV';
  return new PinpackError('PINPACK_OSV_UNREADABLE', subject, [found, expected], { cause });
}

async function* filesOf(folder: string): AsyncGenerator<ZipText> {
  const entries = await walkFolder(folder);
  const paths = entries
    .filter((one) => one.isFile() && one.name.endsWith('.json'))
    .map((one) => join(one.parentPath, one.name));
  for (const path of paths.sort()) {
    if ((await stat(path)).size > RECORD_LIMIT) continue;
    yield { name: path, text: await readFile(path, 'utf8') };
  }
}
