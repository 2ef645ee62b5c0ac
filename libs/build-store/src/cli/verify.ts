// pinpack-store verify: verifies digests, records and signatures of a store.
import { readTrust } from '../entry/trust.js';
import { verifyStore } from '../maintenance/verify-store.js';
import { EXIT, parseWords, type Command } from './command.js';
import { formatBytes, formatCount } from './format.js';
import { openStoreOf, STORE_HELP, STORE_OPTIONS } from './store-option.js';

const HELP = `pinpack-store verify [--repair] [--store URL] [--json]

Reads all contents and records and checks digests, sizes, places, and with PINPACK_STORE_PUBLIC_KEYS (files, separated by ":")
signatures. All of the store is downloaded for it.

  --repair        removes what no reader would take; what isn't pinpack's stays
${STORE_HELP}

Exit codes: 0 all is well, or was repaired; 1 something isn't, or the store failed; 2 invalid usage.
`;

export const VERIFY: Command = {
  name: 'verify',
  summary: 'checks digests, records and signatures',
  help: HELP,
  async run(args, { out, environment }) {
    const { values } = parseWords(args, { ...STORE_OPTIONS, repair: { type: 'boolean', default: false } });
    const backend = await openStoreOf(values.store, environment);
    const trust = await readTrust([], environment);
    const report = await verifyStore(backend, { trust, isRepair: values.repair });
    const { findings, contents, records, bytes } = report;
    const left = findings.filter(({ isRemoved }) => !isRemoved);
    if (values.json) out(`${JSON.stringify({ store: backend.label, ...report }, undefined, 2)}\n`);
    else {
      const checked = `${formatCount(contents, 'content', 'contents')} (${formatBytes(bytes)}), ${formatCount(records, 'record', 'records')}`;
      const removed = findings.length - left.length;
      out(
        `${backend.label}: ${checked}: ${findings.length === 0 ? 'all is well' : `${left.length} wrong, ${removed} removed`}\n`,
      );
      for (const { path, problem, isRemoved } of findings) out(`  ${isRemoved ? 'removed ' : ''}${path}: ${problem}\n`);
      if (trust.publicKeys.length === 0) out('  signatures were not checked: PINPACK_STORE_PUBLIC_KEYS names no key\n');
    }
    return left.length === 0 ? EXIT.good : EXIT.bad;
  },
};
