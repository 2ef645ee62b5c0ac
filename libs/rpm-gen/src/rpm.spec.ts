import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ARCHITECTURES, type Architecture } from './architectures.js';
import type { RpmEntry } from './entries.js';
import { packPayload } from './payload.js';
import { readRpm } from './read.js';
import { encodeRpm } from './rpm.js';
import { fileName, type RpmSpec } from './spec.js';
import { attemptSync, describeWith, run, runForBytes, temporaryFolder } from '@pinpack/testing';
import { buildReference, comparable } from './reference.fixture.js';
import {
  COMPRESSIONS,
  folder,
  minimalSpec,
  NONE,
  sampleEntries,
  sampleRpm,
  textFile,
  unusualEntries,
  writeRpm,
} from './samples.fixture.js';

const sh = (body: string) => ({ interpreter: '/bin/sh', body });

const FULL_SPEC = minimalSpec({
  epoch: 2,
  architecture: 'x86_64',
  url: 'https://example.com',
  vendor: 'Example',
  packager: 'Someone <someone@example.com>',
  group: 'Development/Libraries',
  requires: [
    { name: 'foo', sense: '>=', version: '1:2.0-3' },
    { name: 'foo', sense: '<', version: '3' },
    { name: 'bar' },
    { name: '/usr/bin/python3', when: ['post'] },
    { name: 'baz', sense: '=', version: '4', when: ['pre', 'preun'] },
    { name: 'libc.so.6(GLIBC_2.4)(64bit)' },
  ],
  provides: [{ name: 'virtual', sense: '=', version: '3' }, { name: 'plain' }],
  conflicts: [{ name: 'old', sense: '<=', version: '2' }],
  obsoletes: [{ name: 'older', sense: '<', version: '3' }],
  recommends: [{ name: 'nice', sense: '>', version: '0.1' }],
  scriptlets: {
    pre: sh('echo pre'),
    post: { interpreter: '/usr/bin/python3', body: 'print("é")' },
    preun: sh('echo preun\nexit 0'),
    postun: { interpreter: '/sbin/ldconfig', body: '' },
    posttrans: sh('echo posttrans'),
    verify: sh('test -e /usr/lib/tiny'),
  },
  transactionFileTriggers: [{ on: 'in', paths: ['/usr/share/tiny'], ...sh('cat') }],
  changelog: [
    { time: 1_704_110_400, author: 'Someone <someone@example.com> - 2:1.2-3', text: '- Second' },
    { time: 1_703_937_600, author: 'Someone <someone@example.com> - 2:1.2-1', text: '- First\n- of all' },
  ],
});

const CASES: [title: string, spec: RpmSpec, entries: RpmEntry[]][] = [
  ['one of everything', FULL_SPEC, sampleEntries()],
  ['no files at all', minimalSpec(), []],
  [
    'rich dependencies, tildes, carets and Lua',
    minimalSpec({
      version: '1.2~rc1',
      requires: [{ name: '(a or b)' }, { name: 'c', sense: '>=', version: '2^git' }],
      scriptlets: { post: { interpreter: '<lua>', body: 'print(1)' } },
    }),
    [textFile('/usr/share/x', 'x')],
  ],
  [
    'transaction file triggers, with nothing else to run',
    minimalSpec({
      transactionFileTriggers: [
        { on: 'in', paths: ['/usr/share/x/', '/usr/é'], ...sh('cat\n\necho in\n') },
        { on: 'in', paths: ['/usr/a'], priority: 5, interpreter: '/usr/bin/python3', body: 'print("é")' },
        { on: 'postun', paths: ['/usr/share/x/'], interpreter: '<lua>', body: 'print(1)' },
        { on: 'un', paths: ['/usr/share/x/', '/usr/share/x'], ...sh('') },
        { on: 'in', paths: ['/usr/share/x/'], ...sh('again') },
      ],
    }),
    [textFile('/usr/share/x', 'x')],
  ],
  [
    'a transaction file trigger beside scriptlets',
    minimalSpec({
      scriptlets: { preun: sh('true'), post: { interpreter: '/usr/bin/python3', body: 'pass' } },
      transactionFileTriggers: [{ on: 'in', paths: ['/opt'], ...sh('true') }],
    }),
    [],
  ],
  [
    'a tilde in a provide only',
    minimalSpec({ provides: [{ name: 'v', sense: '=', version: '1~a' }] }),
    [textFile('/usr/share/x', 'x')],
  ],
  [
    'tildes and carets inside of rich dependencies alone',
    minimalSpec({
      conflicts: [{ name: '(foo >= 1.2^3 and bar)' }],
      recommends: [{ name: '((foo-core = 1.0~rc1 or font(été) <= 2) if foo)' }],
    }),
    [textFile('/usr/share/x', 'x')],
  ],
  [
    'weak dependencies of every kind',
    minimalSpec({
      suggests: [{ name: 'b', sense: '>', version: '1~a' }, { name: 'a' }],
      supplements: [{ name: '(a and b)' }],
      enhances: [{ name: 'c' }, { name: 'c', sense: '=', version: '1:2-3' }],
    }),
    [textFile('/usr/share/x', 'x')],
  ],
  [
    'scriptlets with arguments and flags',
    minimalSpec({
      requires: [{ name: 'early', when: ['pretrans'] }],
      scriptlets: {
        pretrans: { interpreter: '<lua>', body: 'print(1)' },
        post: { interpreter: '/bin/bash', args: ['-e', '-u'], body: 'true' },
        preun: { ...sh('echo %{name}'), flags: ['expand', 'qformat'] },
      },
    }),
    [textFile('/usr/share/x', 'x')],
  ],
  [
    'package triggers',
    minimalSpec({
      packageTriggers: [
        { on: 'in', packages: [{ name: 'foo', sense: '>', version: '1^a' }, { name: 'bar' }], ...sh('echo é') },
        { on: 'in', packages: [{ name: 'foo3' }], interpreter: '<lua>', body: 'print(1)', flags: ['expand'] },
        { on: 'un', packages: [{ name: 'foo2' }], ...sh('true') },
        { on: 'postun', packages: [{ name: 'foo5', sense: '<', version: '2' }], ...sh('true') },
        { on: 'prein', packages: [{ name: 'foo4' }], ...sh('') },
      ],
    }),
    [textFile('/usr/share/x', 'x')],
  ],
  [
    'file triggers',
    minimalSpec({
      fileTriggers: [
        { on: 'un', paths: ['/usr/y', '/usr/x'], priority: 5, ...sh('cat'), flags: ['qformat'] },
        { on: 'in', paths: ['/usr/x'], interpreter: '/usr/bin/python3', body: 'pass' },
        { on: 'postun', paths: ['/usr/x'], interpreter: '<lua>', body: 'print(1)' },
      ],
      transactionFileTriggers: [{ on: 'in', paths: ['/opt'], ...sh('true'), flags: ['expand'] }],
    }),
    [textFile('/usr/share/x', 'x')],
  ],
  ['files of every kind', minimalSpec(), unusualEntries()],
  [
    'a description of 100,000 characters',
    minimalSpec({ description: 'Long é text\n'.repeat(9000).trimEnd() }),
    [textFile('/usr/share/x', 'x')],
  ],
  [
    'files far apart, without their directories',
    minimalSpec(),
    [
      textFile('/usr/b/c/d', '1'),
      textFile('/usr/b/z', '2'),
      textFile('/usr/b/c.x', '3'),
      textFile('/usr/a', '4'),
      folder('/opt/q'),
    ],
  ],
];

describeWith(['rpm', 'rpmbuild', 'rpm2cpio', 'cpio'], 'an RPM and the same by rpmbuild', () => {
  it.each(CASES)('have the same tags: %s', async (_title, spec, entries) => {
    const reference = readFileSync(await buildReference(temporaryFolder(), spec, entries));
    const ours = await sampleRpm(spec, entries, NONE);
    expect(comparable(ours)).toEqual(comparable(reference));
    expect(readRpm(ours).lead).toEqual(readRpm(reference).lead);
  });

  it.each(COMPRESSIONS)('have the same tags, requires and flags: $kind', async (compression) => {
    const entries = [textFile('/usr/share/x', 'x')];
    const way = { zstd: 'w3.zstdio', xz: 'w2.xzdio', gzip: 'w9.gzdio', none: 'w.ufdio' }[compression.kind];
    const reference = readFileSync(await buildReference(temporaryFolder(), minimalSpec(), entries, way));
    const ours = await sampleRpm(minimalSpec(), entries, compression);
    expect(comparable(ours)).toEqual(comparable(reference));
  });

  it('answer every query of rpm with the same values', async () => {
    const at = temporaryFolder();
    const ours = writeRpm(at, FULL_SPEC, await sampleRpm(FULL_SPEC));
    const reference = await buildReference(join(at, 'reference'), FULL_SPEC, sampleEntries(), 'w3.zstdio');
    const questions = [
      ['--requires'],
      ['--provides'],
      ['--conflicts'],
      ['--obsoletes'],
      ['--recommends'],
      ['--scripts'],
      ['--filetriggers'],
      ['--changelog'],
      ['--list'],
      ['--configfiles'],
      ['--docfiles'],
      ['--licensefiles'],
      [
        '--queryformat',
        '%{nevra}|%{summary}|%{description}|%{license}|%{url}|%{vendor}|%{packager}|%{group}|%{sourcerpm}|%{os}|%{size}|%{archivesize}',
      ],
      ['--queryformat', '[%{requirenevrs} %{requireflags:deptype} %{requireflags:depflags}\n]'],
      [
        '--queryformat',
        '[%{filenames} %{filemodes:perms} %{filesizes} %{filedigests} %{fileflags:fflags} %{fileverifyflags:hex} %{filenlinks}\n]',
      ],
      ['--queryformat', '%{payloadformat} %{payloadcompressor} %{payloadflags} %{filedigestalgo} %{encoding}'],
    ];
    for (const question of questions) {
      expect(run('rpm', ['-qp', ...question, ours]), question.join(' ')).toBe(
        run('rpm', ['-qp', ...question, reference]),
      );
    }
    const dump = (rpm: string) =>
      run('rpm', ['-qp', '--dump', rpm]).replace(/^(.+) (\d+) \d+ ([0-9a-f]{64}) /gm, '$1 $2 - $3 ');
    expect(dump(ours)).toBe(dump(reference));
  });

  it.each(COMPRESSIONS)('unpack to the same files: $kind', async (compression) => {
    const at = temporaryFolder();
    const ours = writeRpm(at, FULL_SPEC, await sampleRpm(FULL_SPEC, sampleEntries(), compression));
    const reference = await buildReference(join(at, 'reference'), FULL_SPEC, sampleEntries());
    const members = (rpm: string) =>
      Buffer.from(runForBytes('cpio', ['-t', '--quiet'], runForBytes('rpm2cpio', [rpm]))).toString();
    expect(members(ours)).toBe(members(reference));
    const archive = (rpm: string) => Buffer.from(runForBytes('rpm2cpio', [rpm])).toString('latin1');
    // Inode and mtime are the only fields that differ.
    const neutral = (text: string) => text.replace(/(070701)[0-9a-f]{8}([0-9a-f]{32})[0-9a-f]{8}/g, '$1$2');
    expect(neutral(archive(ours))).toBe(neutral(archive(reference)));
  });
});

describeWith(['rpm'], 'an RPM', () => {
  it.each(COMPRESSIONS)('passes all digest checks of rpm: $kind', async (compression) => {
    const path = writeRpm(temporaryFolder(), FULL_SPEC, await sampleRpm(FULL_SPEC, sampleEntries(), compression));
    const report = run('rpm', ['-Kv', path]);
    for (const check of ['Header SHA256', 'Header SHA1', 'Payload SHA256', 'MD5'])
      expect(report).toContain(`${check} digest: OK`);
  });

  it.each(Object.keys(ARCHITECTURES) as Architecture[])(
    'is named as rpm names it, and provides itself: %s',
    async (architecture) => {
      const spec = minimalSpec({ architecture });
      const path = writeRpm(temporaryFolder(), spec, await sampleRpm(spec));
      expect(run('rpm', ['-qp', '--queryformat', '%{nevra}.rpm', path])).toBe(fileName(spec));
      const isa = run('rpm', ['--target', architecture, '--eval', '%{?_isa}']).trim();
      const own = architecture === 'noarch' ? '' : `tiny${isa} = 1.2-3\n`;
      expect(run('rpm', ['-qp', '--provides', path])).toBe(`tiny = 1.2-3\n${own}`);
    },
  );

  it('holds 5,000 files', async () => {
    const entries = Array.from({ length: 5000 }, (_, i) =>
      textFile(`/usr/lib/many/${i % 50}/file-${i}`, `content ${i}`),
    );
    const path = writeRpm(temporaryFolder(), minimalSpec(), await sampleRpm(minimalSpec(), entries));
    expect(run('rpm', ['-qpl', path]).trimEnd().split('\n')).toHaveLength(5000);
    expect(run('rpm', ['-K', path])).toContain('digests OK');
  });
});

describeWith(['rpm'], 'the digest of the archive', () => {
  it('lets rpm verify a payload that is no longer compressed', async () => {
    const entries = [textFile('/usr/share/x', 'text '.repeat(1000))];
    const payload = await packPayload(entries, { kind: 'zstd', level: 3 }, { archiveDigest: true });
    const bare = await packPayload(entries, NONE);
    const spec = minimalSpec({ md5: false });
    const { chunks } = encodeRpm(spec, payload);
    const path = writeRpm(temporaryFolder(), spec, Buffer.concat([...chunks.slice(0, -1), bare.data]));
    const { output } = attemptSync('rpm', ['-Kv', path]);
    expect(output).toContain('Payload SHA256 ALT digest: OK');
    expect(output).not.toMatch(/MD5 digest: (OK|BAD)/);
  });
});

it('writes colors and classes of files that have some', async () => {
  const entries = [folder('/usr/t'), textFile('/usr/t/x.so', 'x', { color: 2, class: 'ELF 64-bit LSB shared object' })];
  const { header } = readRpm(await sampleRpm(minimalSpec(), entries));
  expect(header).toMatchObject({
    FILECOLORS: [0, 2],
    FILECLASS: [0, 1],
    CLASSDICT: ['', 'ELF 64-bit LSB shared object'],
  });
});

it('has the same bytes from the same input, in whatever order it comes', async () => {
  const first = await sampleRpm(FULL_SPEC);
  const again = await sampleRpm(
    { ...FULL_SPEC, requires: [...(FULL_SPEC.requires ?? [])].reverse() },
    sampleEntries().reverse(),
  );
  expect(again.equals(first)).toBe(true);
});
