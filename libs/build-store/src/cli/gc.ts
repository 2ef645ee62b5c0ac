// pinpack-store gc: frees space in the folder of a store. For S3, use lifecycle rules of the bucket.
import { collectGarbage } from '../maintenance/collect-garbage.js';
import { EXIT, parseWords, UsageError, type Command } from './command.js';
import { formatBytes, formatCount, parseAge, parseSize } from './format.js';
import { locationOf, STORE_HELP, STORE_OPTIONS } from './store-option.js';

const HELP = `pinpack-store gc [--max-size SIZE] [--max-age AGE] [--store URL] [--json]

Removes from a folder what was used longest ago, until it's small enough; what wasn't used for too long; records whose content
is gone; and what killed runs left. Running builds are not disturbed.

  --max-size      of all that stays: 500M, 10G, 10Gi
  --max-age       since the last use: 12h, 30d, 8w
${STORE_HELP}

For S3 set lifecycle rules on the bucket instead (docs/store-s3.md, "Lifecycle").
Exit codes: 0 done, 1 the folder can't be read or written, 2 invalid usage.
`;

export const GC: Command = {
  name: 'gc',
  summary: 'frees space in a folder',
  help: HELP,
  async run(args, { out, environment }) {
    const options = { ...STORE_OPTIONS, 'max-size': { type: 'string' }, 'max-age': { type: 'string' } } as const;
    const { values } = parseWords(args, options);
    const { 'max-size': size, 'max-age': age } = values;
    const limits = {
      maxBytes: size === undefined ? undefined : parseSize('max-size', size),
      maxAgeMs: age === undefined ? undefined : parseAge('max-age', age),
    };
    const location = locationOf(values.store, environment);
    if (location.kind !== 'folder') {
      throw new UsageError(
        'this store is not a folder: for a server, run gc on its host; for S3, set lifecycle rules on the bucket',
      );
    }
    const report = await collectGarbage(location.folder, { ...limits, now: new Date() });
    const { kept, removed, leftovers } = report;
    if (values.json) out(`${JSON.stringify({ store: location.folder, ...report }, undefined, 2)}\n`);
    else {
      out(`${location.folder}: ${formatBytes(removed.bytes)} removed, ${formatBytes(kept.bytes)} kept\n`);
      out(
        `  removed  ${formatCount(removed.entries, 'entry', 'entries')}, ${formatCount(removed.contents, 'content', 'contents')}, `,
      );
      out(`${formatCount(leftovers, 'leftover', 'leftovers')}\n`);
      out(
        `  kept     ${formatCount(kept.entries, 'entry', 'entries')}, ${formatCount(kept.contents, 'content', 'contents')}\n`,
      );
    }
    return EXIT.good;
  },
};
