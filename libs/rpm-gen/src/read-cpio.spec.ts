import { expect, it } from 'vitest';
import { RpmError } from './errors.js';
import { packPayload } from './payload.js';
import { parseCpio } from './read-cpio.js';
import { NONE, sampleEntries } from './samples.fixture.js';

it('refuses every truncation', async () => {
  const { data } = await packPayload(sampleEntries(), NONE);
  const archive = Buffer.from(data);
  expect(parseCpio(archive, [], 'whole.rpm').size).toBe(sampleEntries().length - 1);
  // The last bytes pad the trailer.
  for (let length = 0; length < archive.length - 4; length++)
    expect(() => parseCpio(archive.subarray(0, length), [], 'cut.rpm'), `at ${length}`).toThrow(RpmError);
});

it("refuses an index of rpm's own form that the header lacks", () => {
  expect(() => parseCpio(Buffer.from('07070X00000005\0\0'), [], 'x.rpm')).toThrow(
    'x.rpm: the payload has no cpio member at byte 0',
  );
});
