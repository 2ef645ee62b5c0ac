import { expect, it } from 'vitest';
import { readPayload } from './read-payload.js';
import { readRpm } from './read.js';
import { COMPRESSIONS, minimalSpec, sampleRpm, textFile } from './samples.fixture.js';
import { replaceSignatureTags } from './sign.js';

it.each(COMPRESSIONS)(
  "reads packages that declare the files' sizes for the archive's, as rpmpack and nfpm do: $kind",
  async (way) => {
    const rpm = await sampleRpm(minimalSpec(), [textFile('/usr/a', 'aa'), textFile('/usr/b', 'b')], way);
    const tags = { ...readRpm(rpm).signature, PAYLOADSIZE: [3] };
    const files = await readPayload(Buffer.concat(replaceSignatureTags(rpm, tags, 'x').chunks));
    expect(files.map(({ data }) => data?.toString())).toEqual(['aa', 'b']);
  },
);
