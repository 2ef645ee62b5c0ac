// pinpack-store ls: the entries of a store.
import { listEntries, type ListedEntry } from '../maintenance/list-store.js';
import { EXIT, parseWords, type Command } from './command.js';
import { formatBytes, formatCount, formatTable } from './format.js';
import { kindOf, namespaceOf, openStoreOf, STORE_HELP, STORE_OPTIONS } from './store-option.js';

const HELP = `pinpack-store ls [--kind KIND] [--namespace NAMESPACE] [--store URL] [--json]

Lists entries: kind, key, size, when it was made, the file's name, and the namespace where it isn't main.

  --kind          nx, wheel or rpm
  --namespace     main, or branch/<branch>; a server's token may see main alone
${STORE_HELP}

Exit codes: 0 listed, 1 a record can't be read or the store failed, 2 invalid usage.
`;

export const LS: Command = {
  name: 'ls',
  summary: 'lists entries',
  help: HELP,
  async run(args, { out, environment }) {
    const options = { ...STORE_OPTIONS, kind: { type: 'string' }, namespace: { type: 'string' } } as const;
    const { values } = parseWords(args, options);
    const filter = { kind: kindOf(values.kind), namespace: namespaceOf(values.namespace) };
    const backend = await openStoreOf(values.store, environment);
    const entries: ListedEntry[] = [];
    for await (const entry of listEntries(backend, filter)) entries.push(entry);
    if (values.json) out(`${JSON.stringify({ store: backend.label, entries }, undefined, 2)}\n`);
    else out(`${backend.label}: ${summaryOf(entries)}\n${formatTable(entries.map(rowOf))}`);
    return entries.some(({ problem }) => problem !== undefined) ? EXIT.bad : EXIT.good;
  },
};

function summaryOf(entries: ListedEntry[]): string {
  const broken = entries.filter(({ problem }) => problem !== undefined).length;
  const bytes = entries.reduce((sum, { record }) => sum + (record?.size ?? 0), 0);
  const count = `${formatCount(entries.length, 'entry', 'entries')}, ${formatBytes(bytes)}`;
  return broken === 0 ? count : `${count}, ${broken} unreadable`;
}

function rowOf({ kind, key, namespace, record, problem }: ListedEntry): string[] {
  const place = namespace === 'main' ? '' : namespace;
  if (record === undefined) return [kind, key, '', '', problem ?? '', place];
  return [kind, key, formatBytes(record.size), record.created.slice(0, 16), record.fileName, place];
}
