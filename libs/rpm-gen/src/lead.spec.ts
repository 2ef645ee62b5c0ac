import { expect, it } from 'vitest';
import { decodeLead, encodeLead, LEAD_SIZE } from './lead.js';
import { minimalSpec } from './samples.fixture.js';

it('is 96 bytes', () => {
  const lead = Buffer.from(encodeLead(minimalSpec({ epoch: 1, architecture: 'x86_64' })));
  const name = Buffer.from('tiny-1:1.2-3')
    .toString('hex')
    .padEnd(66 * 2, '0');
  expect(lead.toString('hex')).toBe(`edabeedb030000000001${name}00010005${'00'.repeat(16)}`);
  expect(lead).toHaveLength(LEAD_SIZE);
});

it('cuts a long name, and keeps its final NUL', () => {
  const lead = Buffer.from(encodeLead(minimalSpec({ name: 'n'.repeat(100) })));
  expect(decodeLead(lead, 'x').name).toBe('n'.repeat(65));
});

it.each(['noarch', 'x86_64', 'aarch64'] as const)('numbers the architecture: %s', (architecture) => {
  const { architectureNumber } = decodeLead(Buffer.from(encodeLead(minimalSpec({ architecture }))), 'x');
  expect(architectureNumber).toBe({ noarch: 255, x86_64: 1, aarch64: 19 }[architecture]);
});

it('tells source packages and format 6', () => {
  const source = Buffer.from(encodeLead(minimalSpec({ source: {} })));
  expect(decodeLead(source, 'x').type).toBe('source');
  const six = Buffer.from(encodeLead(minimalSpec({ architecture: 'x86_64' }), 6));
  expect(decodeLead(six, 'x')).toEqual({ name: 'tiny-1.2-3', type: 'binary', architectureNumber: 0 });
  expect(six.toString('hex', 4, 10)).toBe('040000000000');
  expect(six.toString('hex', 76, 80)).toBe('00000005');
});

it.each([
  ['version 2', 4, 2, 'found a lead of version 2 with a signature of type 5, expected version 3 or 4 and type 5.'],
  ['another kind of signature', 79, 1, 'found a lead of version 3 with a signature of type 1, expected version'],
])('refuses %s', (_, offset, value, message) => {
  const lead = Buffer.from(encodeLead(minimalSpec()));
  lead.writeUInt8(value, offset);
  expect(() => decodeLead(lead, 'x.rpm')).toThrow(expect.objectContaining({ code: 'RPM_DAMAGED' }));
  expect(() => decodeLead(lead, 'x.rpm')).toThrow(message);
});

it('reads a name without a NUL', () => {
  const lead = Buffer.from(encodeLead(minimalSpec())).fill('n', 10, 76);
  expect(decodeLead(lead, 'x').name).toBe('n'.repeat(66));
});

it.each([
  ['95 bytes', (lead: Buffer) => lead.subarray(0, 95)],
  ['another magic number', (lead: Buffer) => lead.fill(0, 0, 1)],
])('refuses %s', (_, change) => {
  const lead = change(Buffer.from(encodeLead(minimalSpec())));
  expect(() => decodeLead(lead, 'x.rpm')).toThrow('x.rpm: found no RPM lead');
});
