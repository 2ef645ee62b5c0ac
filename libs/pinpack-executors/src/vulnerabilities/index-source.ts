// Reads the vulnerabilities that package indexes have themselves: `vulnerabilities` of the JSON API for a release.
import { parseJson } from '@pinpack/common/json';
import type { IndexClient } from '@pinpack/python-dist';
import pLimit from 'p-limit';
import { z } from 'zod';
import type { Version } from './find-vulnerabilities.js';
import type { OsvRecord } from './osv-record.js';

const RELEASE = z.object({
  vulnerabilities: z
    .array(
      z.object({
        id: z.string().min(1),
        aliases: z.array(z.string()).nullish(),
        summary: z.string().nullish(),
        details: z.string().nullish(),
        fixed_in: z.array(z.string()).nullish(),
        link: z.string().nullish(),
        withdrawn: z.string().nullish(),
      }),
    )
    .nullish(),
});

const PAGES_AT_ONCE = 8;

export interface IndexData {
  records: OsvRecord[];
  /** Pins whose index has no JSON API. */
  unknown: Version[];
}

/** @throws DistError `DIST_INDEX_*` */
export async function readIndexVulnerabilities(index: IndexClient, pins: readonly Version[]): Promise<IndexData> {
  const limit = pLimit(PAGES_AT_ONCE);
  const unknown: Version[] = [];
  const read = pins.map((pin) =>
    limit(async () => {
      const text = await index.release(pin.name, pin.version);
      const release = text === undefined ? undefined : parseJson(text, RELEASE);
      if (release?.vulnerabilities !== undefined && release.vulnerabilities !== null)
        return release.vulnerabilities.flatMap((one) => recordOf(pin, one));
      unknown.push(pin);
      return [];
    }),
  );
  return { records: (await Promise.all(read)).flat(), unknown };
}

type Listed = NonNullable<z.output<typeof RELEASE>['vulnerabilities']>[number];

/** The index has evaluated the ranges already: it lists what affects the version. */
function recordOf({ name, version }: Version, listed: Listed): OsvRecord[] {
  const { id, aliases, summary, details, fixed_in: fixed, link, withdrawn } = listed;
  if ((withdrawn ?? '') !== '') return [];
  const events = (fixed ?? []).map((at) => ({ fixed: at }));
  return [
    {
      id,
      aliases: aliases ?? [],
      summary: (summary ?? details ?? '').split('\n', 1)[0] ?? '',
      severities: [],
      affected: [{ name, versions: [version], ranges: [events], severities: [] }],
      references: (link ?? '') === '' ? [] : [{ type: 'ADVISORY', url: link ?? '' }],
    },
  ];
}
