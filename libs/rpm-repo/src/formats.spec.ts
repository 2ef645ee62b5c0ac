import { describe, expect, it } from 'vitest';
import { deltaFileName, formatPrestodelta, type PublishedDelta } from './prestodelta.js';
import { formatRepositoryRecord, parseRepositoryRecord, type RepositoryRecord } from './record.js';
import { escapeXml } from './xml.js';

const SHA256 = 'ab'.repeat(32);

describe('prestodelta.xml', () => {
  const delta = (oldEvr: string): PublishedDelta => {
    const identity = { name: 'tiny', architecture: 'noarch', oldEvr, newEvr: '1:2-1' };
    const file = `drpms/${deltaFileName(identity)}`;
    return { ...identity, file, size: 2412, sha256: SHA256, sequence: 'tiny-1-1-b4294c' };
  };

  it('is as createrepo_c writes it, in an order of its own', () => {
    const text = formatPrestodelta([delta('1.5-1'), delta('1-1')]);
    expect(text).toBe(formatPrestodelta([delta('1-1'), delta('1.5-1')]));
    expect(text).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<prestodelta>
  <newpackage name="tiny" epoch="1" version="2" release="1" arch="noarch">
    <delta oldepoch="0" oldversion="1" oldrelease="1">
      <filename>drpms/tiny-1-1_2-1.noarch.drpm</filename>
      <sequence>tiny-1-1-b4294c</sequence>
      <size>2412</size>
      <checksum type="sha256">${SHA256}</checksum>
    </delta>
    <delta oldepoch="0" oldversion="1.5" oldrelease="1">
      <filename>drpms/tiny-1.5-1_2-1.noarch.drpm</filename>
      <sequence>tiny-1-1-b4294c</sequence>
      <size>2412</size>
      <checksum type="sha256">${SHA256}</checksum>
    </delta>
  </newpackage>
</prestodelta>
`);
  });
});

describe('repository.json', () => {
  const record: RepositoryRecord = {
    label: 'reqset3',
    key: 'F00D',
    packages: [
      {
        name: 'a',
        evr: '1-1',
        architecture: 'noarch',
        file: 'packages/a.rpm',
        size: 1,
        sha256: SHA256,
        unsigned: SHA256,
      },
    ],
    advisories: [],
  };

  it('is read as it was written', () => {
    expect(parseRepositoryRecord(formatRepositoryRecord(record), 'repository.json')).toEqual(record);
  });

  it.each([
    ['a page', '<html>', 'the text is not JSON'],
    ['a later format', '{"format": 2}', 'format is 2, expected 1; a newer pinpack may have published it'],
    [
      'a path that leaves the folder',
      formatRepositoryRecord(record).replace('packages/a.rpm', 'packages/../../a.rpm'),
      'packages[0].file is "packages/../../a.rpm", expected packages/ and the name of an RPM',
    ],
    [
      'a digest that is none',
      formatRepositoryRecord(record).replaceAll(SHA256, '../x'),
      'packages[0].sha256 is "../x", expected a sha256 in hex',
    ],
  ])('is refused as %s', (_title, text, reason) => {
    expect(() => parseRepositoryRecord(text, 'repository.json')).toThrow(reason);
  });
});

describe('text in XML', () => {
  it.each([
    [`<a b="c" d='e'>&`, '&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;'],
    ['naïve → 🦀', 'naïve → 🦀'],
    ['bell\u0007, half \ud83e pair\ufffe', 'bell, half  pair'],
  ])('%j', (text, expected) => {
    expect(escapeXml(text)).toBe(expected);
  });
});
