// pinpack-store stat: summarizes a store, or shows one entry.
import type { ObjectBackend } from '../backends/backend.js';
import { parseRecord, RECORD_LIMIT, type EntryRecord } from '../entry/record.js';
import { isSignedBy } from '../entry/signature.js';
import { readTrust, type Trust } from '../entry/trust.js';
import { contentPath, entryPath, isEntryKey, type EntryKind, type Namespace } from '../names/object-keys.js';
import { sumStore, type NamespaceSums } from '../maintenance/list-store.js';
import { EXIT, parseWords, UsageError, type Command } from './command.js';
import { formatBytes, formatCount, formatTable } from './format.js';
import { formatWeeks, readWeeks } from './stat-weeks.js';
import { kindOf, namespaceOf, openStoreOf, STORE_HELP, STORE_OPTIONS } from './store-option.js';

const HELP = `pinpack-store stat [KIND KEY | --weeks N] [--namespace NAMESPACE] [--store URL] [--json]

Without words: how much lies in each namespace. With a kind (nx, wheel, rpm) and a key: that entry, whether its content is
there, and whether a key of PINPACK_STORE_PUBLIC_KEYS (files, separated by ":") signed it.
With --weeks: runs, hit rate, bytes and saved time of each week, as reported by runs that may write to the store.

  --weeks N       the last N weeks
  --namespace     of the entry, main by default; with --weeks: all by default, a server's token may see main alone
${STORE_HELP}

Exit codes: 0 shown, 1 there is no such entry or its content is gone, or the store failed, 2 invalid usage.
`;

interface EntryFacts {
  record: EntryRecord;
  content: 'there' | 'gone' | 'of another size';
  signature: 'none' | 'good' | 'of no known key' | 'not checked';
}

export const STAT: Command = {
  name: 'stat',
  summary: 'summarizes a store, or shows one entry',
  help: HELP,
  async run(args, { out, environment }) {
    const options = { ...STORE_OPTIONS, namespace: { type: 'string' }, weeks: { type: 'string' } } as const;
    const { values, words } = parseWords(args, options, ['[KIND]', '[KEY]']);
    const namespace = namespaceOf(values.namespace);
    const weeks = weeksOf(values.weeks, words);
    const backend = await openStoreOf(values.store, environment);
    if (weeks !== undefined) {
      const found = await readWeeks(backend, { weeks, namespace, now: new Date() });
      out(
        values.json
          ? `${JSON.stringify({ store: backend.label, weeks: found }, undefined, 2)}\n`
          : formatWeeks(backend.label, found),
      );
      return EXIT.good;
    }
    const place = placeOf(words, namespace);
    if (place === undefined) {
      const sums = await sumStore(backend);
      out(
        values.json
          ? `${JSON.stringify({ store: backend.label, namespaces: sums }, undefined, 2)}\n`
          : formatSums(backend.label, sums),
      );
      return EXIT.good;
    }
    const facts = await readEntry(backend, place, await readTrust([], environment));
    if (values.json) out(`${JSON.stringify(facts ?? null, undefined, 2)}\n`);
    else
      out(
        facts === undefined
          ? `${backend.label}: no ${place.kind} ${place.key} in ${place.namespace}\n`
          : formatFacts(facts),
      );
    return facts?.content === 'there' ? EXIT.good : EXIT.bad;
  },
};

const MOST_WEEKS = 520;

function weeksOf(text: string | undefined, words: readonly string[]): number | undefined {
  if (text === undefined) return undefined;
  if (words.length > 0) throw new UsageError('--weeks is about all runs, not about one entry');
  const weeks = Number(text);
  if (/^\d+$/.test(text) && weeks >= 1 && weeks <= MOST_WEEKS) return weeks;
  throw new UsageError(`--weeks is "${text}", expected a number from 1 to ${MOST_WEEKS}`);
}

interface Place {
  namespace: Namespace;
  kind: EntryKind;
  key: string;
}

function placeOf([kindText, key]: string[], namespace: Namespace = 'main'): Place | undefined {
  const kind = kindOf(kindText);
  if (kind === undefined) return undefined;
  if (key === undefined || !isEntryKey(key)) throw new UsageError('expected the key of an entry after its kind');
  return { namespace, kind, key };
}

async function readEntry(
  backend: ObjectBackend,
  { namespace, kind, key }: Place,
  { publicKeys }: Trust,
): Promise<EntryFacts | undefined> {
  const path = entryPath(namespace, kind, key);
  const bytes = await backend.read(path, RECORD_LIMIT);
  if (bytes === undefined) return undefined;
  const record = parseRecord(bytes, `${backend.label}/${path}`);
  const content = await backend.stat(contentPath(namespace, record.sha256));
  const isGood = publicKeys.length > 0 && isSignedBy(record, publicKeys);
  const signed = publicKeys.length === 0 ? 'not checked' : isGood ? 'good' : 'of no known key';
  return {
    record,
    content: content === undefined ? 'gone' : content.size === record.size ? 'there' : 'of another size',
    signature: record.signature === undefined ? 'none' : signed,
  };
}

function formatFacts({ record, content, signature }: EntryFacts): string {
  const { kind, key, namespace, sha256, size, fileName, created } = record;
  const by = record.signature === undefined ? '' : `, by ${record.signature.keyId}`;
  const rows = [
    ['namespace', namespace],
    ['file', fileName],
    ['size', `${formatBytes(size)} (${size})`],
    ['sha256', sha256],
    ['created', created],
    ['content', content],
    ['signature', `${signature}${by}`],
    ...Object.entries(record.attachments).map(([name, text]) => [name, formatBytes(Buffer.byteLength(text))]),
  ];
  return `${kind} ${key}\n${formatTable(rows)}`;
}

function formatSums(label: string, sums: NamespaceSums[]): string {
  const bytes = sums.reduce((sum, namespace) => sum + namespace.bytes, 0);
  const rows = sums.map(({ namespace, entries, contents, bytes: own }) => [
    namespace,
    formatBytes(own),
    formatCount(contents, 'content', 'contents'),
    ...Object.entries(entries).map(([kind, count]) => `${count} ${kind}`),
  ]);
  return `${label}: ${formatBytes(bytes)} in ${formatCount(sums.length, 'namespace', 'namespaces')}\n${formatTable(rows)}`;
}
