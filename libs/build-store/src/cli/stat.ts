// pinpack-store stat: summarizes a store, or shows one entry.
import type { ObjectBackend } from '../backends/backend.js';
import { parseRecord, RECORD_LIMIT, type EntryRecord } from '../entry/record.js';
import { isSignedBy } from '../entry/signature.js';
import { readTrust, type Trust } from '../entry/trust.js';
import { contentPath, entryPath, isEntryKey, type EntryKind, type Namespace } from '../names/object-keys.js';
import { sumStore, type NamespaceSums } from '../maintenance/list-store.js';
import { EXIT, parseWords, UsageError, type Command } from './command.js';
import { formatBytes, formatCount, formatTable } from './format.js';
import { kindOf, namespaceOf, openStoreOf, STORE_HELP, STORE_OPTIONS } from './store-option.js';

const HELP = `pinpack-store stat [KIND KEY] [--namespace NAMESPACE] [--store URL] [--json]

Without words: how much lies in each namespace. With a kind (nx, wheel, rpm) and a key: that entry, whether its content is
there, and whether a key of PINPACK_STORE_PUBLIC_KEYS (files, separated by ":") signed it.

  --namespace     of the entry, main by default
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
    const options = { ...STORE_OPTIONS, namespace: { type: 'string' } } as const;
    const { values, words } = parseWords(args, options, ['[KIND]', '[KEY]']);
    const backend = await openStoreOf(values.store, environment);
    const place = placeOf(words, namespaceOf(values.namespace));
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
