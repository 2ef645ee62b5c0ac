import { expect, it } from 'vitest';
import { formatDeltaRecord, parseDeltaRecord } from './delta-record.js';

it('a delta record is parsed as it was formatted, and a damaged one is undefined', () => {
  const record = { sha256: 'ab', deltas: [] };
  expect(parseDeltaRecord(formatDeltaRecord(record))).toEqual(record);
  for (const text of [undefined, '', 'null', '{}', '{"sha256": 1, "deltas": []}', '<html>'])
    expect(parseDeltaRecord(text)).toBeUndefined();
});
