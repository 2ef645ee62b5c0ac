import { expect, it } from 'vitest';
import { RpmError } from './errors.js';
import { readRpm } from './read.js';
import { minimalSpec, NONE, sampleEntries, sampleRpm, textFile } from './samples.fixture.js';

const spec = minimalSpec({ epoch: 1, scriptlets: { post: { interpreter: '/bin/sh', body: 'true' } } });

it('reads what was written', async () => {
  const rpm = await sampleRpm(spec, sampleEntries(), NONE);
  const { lead, signature, header, headerOffset, payloadOffset } = readRpm(rpm);
  expect(lead.name).toBe('tiny-1:1.2-3');
  expect(signature.SIZE).toEqual([rpm.length - headerOffset]);
  expect(signature.PAYLOADSIZE).toEqual([rpm.length - payloadOffset]);
  expect(signature.RESERVEDSPACE).toHaveLength(4128);
  expect(header).toMatchObject({ NAME: 'tiny', EPOCH: [1], POSTIN: 'true', PAYLOADFLAGS: '' });
  expect(rpm.toString('latin1', payloadOffset, payloadOffset + 6)).toBe('070701');
});

it('refuses every truncation', async () => {
  const rpm = await sampleRpm(spec, [textFile('/usr/share/x', 'x')]);
  for (let length = 0; length < rpm.length; length++) {
    expect(() => readRpm(rpm.subarray(0, length), 'cut.rpm'), `at ${length}`).toThrow(RpmError);
  }
});

it('refuses a longer file', async () => {
  const rpm = await sampleRpm();
  expect(() => readRpm(Buffer.concat([rpm, Buffer.alloc(1)]), 'long.rpm')).toThrow(
    /^long\.rpm: found \d+ bytes of header and payload, expected/,
  );
});

it('refuses every damaged byte of the header', async () => {
  const rpm = await sampleRpm(spec, [textFile('/usr/share/x', 'x')]);
  const { headerOffset, payloadOffset } = readRpm(rpm);
  for (let at = headerOffset; at < payloadOffset; at++) {
    const damaged = Buffer.from(rpm);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
    expect(() => readRpm(damaged), `at ${at}`).toThrow(RpmError);
  }
});

it('throws only RpmError if the signature header is damaged', async () => {
  const rpm = await sampleRpm(spec, [textFile('/usr/share/x', 'x')]);
  for (let at = 96; at < 400; at++) {
    for (const bits of [0x01, 0x80, 0xff]) {
      const damaged = Buffer.from(rpm);
      damaged.writeUInt8(damaged.readUInt8(at) ^ bits, at);
      try {
        readRpm(damaged);
      } catch (error) {
        expect(error, `at ${at}`).toBeInstanceOf(RpmError);
      }
    }
  }
});

it.each([
  ['nothing', Buffer.alloc(0)],
  ['zeros', Buffer.alloc(10_000)],
  ['text', Buffer.from('<html>404 Not Found</html>'.repeat(100))],
])('refuses %s', (_title, bytes) => {
  expect(() => readRpm(bytes, 'page.rpm')).toThrow(
    expect.objectContaining({ code: 'RPM_DAMAGED', subject: 'page.rpm' }),
  );
});
