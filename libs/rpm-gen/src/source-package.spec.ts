import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, run, temporaryFolder } from '@pinpack/testing';
import { addFileSignatures, readFileSignatures } from './file-signatures.js';
import { readPayload } from './read-payload.js';
import { readRpm } from './read.js';
import { minimalSpec, NONE, sampleRpm, textFile, writeRpm } from './samples.fixture.js';
import { fileName, type RpmSpec } from './spec.js';
import { sysusersProvides } from './sysusers.js';

const SOURCE: RpmSpec = minimalSpec({
  requires: [{ name: 'gcc', sense: '>=', version: '12' }],
  translations: { de: { summary: 'Ein Paket', description: 'Beschrieben.' }, fr: { summary: 'Un paquet' } },
  source: { sources: ['two.tar', 'one.tar'], patches: ['fix.patch'], buildArchitectures: ['noarch'] },
});
const SPEC_FILE = `Name: tiny
Version: 1.2
Release: 3
Summary: A tiny package
Summary(de): Ein Paket
Summary(fr): Un paquet
License: MIT
BuildArch: noarch
BuildRequires: gcc >= 12
Source0: one.tar
Source1: two.tar
Patch0: fix.patch
%description
A tiny package
of two lines.
%description -l de
Beschrieben.
`;
const ENTRIES = [
  textFile('tiny.spec', SPEC_FILE, { specFile: true }),
  textFile('one.tar', 'one'),
  textFile('two.tar', 'two'),
  textFile('fix.patch', 'fix'),
];
/** Of the machine, the time or the build program. */
const BUILD_SPECIFIC = /^(BUILD(TIME|HOST)|FILEMTIMES|PAYLOADDIGEST|PAYLOADDIGESTALT|FILECOLORS|FILECLASS|CLASSDICT)$/;

describeWith(['rpm', 'rpmbuild'], 'a source package', () => {
  it('has the same tags as that of rpmbuild, and installs its files', async () => {
    const at = temporaryFolder();
    mkdirSync(join(at, 'SOURCES'));
    for (const [name, text] of [
      ['one.tar', 'one'],
      ['two.tar', 'two'],
      ['fix.patch', 'fix'],
    ] as const)
      writeFileSync(join(at, 'SOURCES', name), text);
    writeFileSync(join(at, 'tiny.spec'), SPEC_FILE);
    const defines = [`_topdir ${at}`, '_source_payload w.ufdio'].flatMap((define) => ['--define', define]);
    run('rpmbuild', ['-bs', '--nodeps', ...defines, join(at, 'tiny.spec')]);
    const reference = readFileSync(join(at, 'SRPMS', fileName(SOURCE)));
    const ours = await sampleRpm(SOURCE, ENTRIES, NONE);
    const comparable = (rpm: Uint8Array) =>
      Object.fromEntries(Object.entries(readRpm(rpm).header).filter(([name]) => !BUILD_SPECIFIC.test(name)));
    expect(comparable(ours)).toEqual(comparable(reference));
    expect((await readPayload(reference)).map(({ path }) => path)).toEqual(
      (await readPayload(ours)).map(({ path }) => path),
    );
    const installed = join(at, 'installed');
    run('rpm', ['-i', '--define', `_topdir ${installed}`, writeRpm(at, SOURCE, ours)]);
    expect(existsSync(join(installed, 'SPECS/tiny.spec'))).toBe(true);
    expect(readdirSync(join(installed, 'SOURCES')).sort()).toEqual(['fix.patch', 'one.tar', 'two.tar']);
  });
});

it('has plain names only, and other packages have none', async () => {
  await expect(sampleRpm(SOURCE, [textFile('/usr/x', '')])).rejects.toThrow('"/usr/x": expected a plain name');
  await expect(sampleRpm(minimalSpec(), [textFile('x', '')])).rejects.toThrow('"x": expected an absolute path');
});

describeWith(['rpm'], 'IMA signatures of files', () => {
  it('are read by rpm, and leave header and payload as they were', async () => {
    const rpm = await sampleRpm(minimalSpec(), [textFile('/usr/a', 'a'), textFile('/usr/b', 'b')]);
    const packet = Buffer.concat([Buffer.from([3, 2, 4, 1, 2, 3, 4, 0, 8]), Buffer.alloc(8, 7)]);
    const signed = Buffer.concat(addFileSignatures(rpm, new Map([['/usr/b', packet]])).chunks);
    expect(signed).toHaveLength(rpm.length);
    expect(signed.subarray(readRpm(signed).headerOffset).equals(rpm.subarray(readRpm(rpm).headerOffset))).toBe(true);
    const path = writeRpm(temporaryFolder(), minimalSpec(), signed);
    expect(run('rpm', ['-qp', '--queryformat', '[%{filenames} %{filesignatures}\n]', path])).toBe(
      `/usr/a \n/usr/b ${packet.toString('hex')}\n`,
    );
    expect(readFileSignatures(signed)).toMatchObject([{ path: '/usr/b', hash: 'sha256', keyId: '01020304' }]);
    const refused = (file: string, bytes: Uint8Array) => () => addFileSignatures(rpm, new Map([[file, bytes]]));
    expect(refused('/usr/c', packet)).toThrow('"/usr/c": expected a file with content of the package');
    expect(refused('/usr/a', packet.subarray(0, -1))).toThrow('found 7 bytes of signature, expected 8');
    expect(refused('/usr/a', Buffer.from('0102'))).toThrow('found type 48 and version 49, expected 3 and 2');
  });
});

it('provides users and groups as the generator of rpm 6 does', () => {
  expect(sysusersProvides('# comment\nu six - "Six" /\nr - 500-900\nm six wheel\n')).toEqual([
    { name: 'user(six)', sense: '=', version: 'dSBzaXggLSAiU2l4IiAv' },
    { name: 'group(six)' },
    { name: 'groupmember(six/wheel)', sense: '=', version: 'bSBzaXggd2hlZWwA' },
  ]);
});
