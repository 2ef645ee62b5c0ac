import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { completeEntries, sortEntries, type RpmEntry } from './entries.js';
import { RpmError } from './errors.js';
import { pathKindIssues } from './validate-entries.js';
import { folder, ghost, symlink, textFile } from './samples.fixture.js';

const hardlink = (path: string, target: string): RpmEntry => ({ path, kind: 'hardlink', target, mode: 0, size: 0 });

const CASES: [issue: string, entries: RpmEntry[]][] = [
  ['"usr/a": expected an absolute path', [textFile('usr/a', '')]],
  ['"/": expected an absolute path', [folder('/')]],
  ['"/a/": expected an absolute path', [folder('/a/')]],
  ['"/a//b": expected an absolute path', [textFile('/a//b', '')]],
  ['"/a/../b": expected an absolute path', [textFile('/a/../b', '')]],
  ['"/a/./b": expected an absolute path', [textFile('/a/./b', '')]],
  ['"/a\\nb": expected an absolute path', [textFile('/a\nb', '')]],
  ['"/a\\u0085": expected an absolute path', [textFile('/a\u0085', '')]],
  ['"/a\\u202e": expected an absolute path', [textFile('/a\u202e', '')]],
  ['"/l": a symlink needs a target without control characters', [symlink('/l', 'a\u001b')]],
  ['"/a\\ud800": expected an absolute path', [textFile('/a\ud800', '')]],
  ['"/a": mode is 65536, expected permission bits', [textFile('/a', '', { mode: 65536 })]],
  ['"/a": mode is 33188, expected permission bits', [textFile('/a', '', { mode: 0o100644 })]],
  ['"/a": size is -1, expected', [textFile('/a', '', { size: -1 })]],
  ['"/a": mtime is 4294967296, expected', [textFile('/a', '', { mtime: 2 ** 32 })]],
  ['"/a": a symlink needs a target', [symlink('/a', '')]],
  [
    '"/a": is a hard link to "/missing", expected a file of the package',
    [{ path: '/a', kind: 'hardlink', target: '/missing', mode: 0, size: 0 }],
  ],
  [
    '"/a": is a hard link to "/d", expected a file of the package',
    [folder('/d'), { path: '/a', kind: 'hardlink', target: '/d', mode: 0, size: 0 }],
  ],
  [
    '"/a": expected the numbers of a device, 0 to 255, of devices and of nothing else',
    [{ path: '/a', kind: 'blockDevice', device: { major: 256, minor: 0 }, mode: 0, size: 0 }],
  ],
  ['"/d": capabilities belong to files', [folder('/d', { capabilities: 'cap_chown=ep' })]],
  ['"/a": language is no locale\'s name', [textFile('/a', '', { language: 'f r' })]],
  ['"/a": a file needs `read` or `stream`', [{ path: '/a', kind: 'file', mode: 0o644, size: 0 }]],
  ['"/a": expected user and group names', [textFile('/a', '', { user: 'a b' })]],
  ['"/a": expected user and group names', [textFile('/a', '', { user: '' })]],
  ['"/a": expected user and group names', [textFile('/a', '', { group: 'a:b' })]],
  ['"/a": expected user and group names', [textFile('/a', '', { group: 'a/b' })]],
  ['"/a": a symlink needs a target', [{ path: '/a', kind: 'symlink', mode: 0, size: 0 }]],
  ['"/a": is a hard link to "/g", expected a file of the package', [ghost('/g'), hardlink('/a', '/g')]],
  ['"/a": is a hard link to "", expected a file of the package', [{ path: '/a', kind: 'hardlink', mode: 0, size: 0 }]],
  ['"/a": a hard link can\'t be a ghost', [textFile('/f', ''), { ...hardlink('/a', '/f'), ghost: true }]],
  ['"/a": expected the numbers of a device', [{ path: '/a', kind: 'characterDevice', mode: 0, size: 0 }]],
  [
    '"/a": expected the numbers of a device',
    [{ path: '/a', kind: 'characterDevice', device: { major: 0, minor: 256 }, mode: 0, size: 0 }],
  ],
  ['"/a": expected the numbers of a device', [textFile('/a', '', { device: { major: 1, minor: 3 } })]],
  ['"/a": capabilities belong to files', [textFile('/a', '', { capabilities: '' })]],
  ['"/a": language is no locale\'s name', [textFile('/a', '', { language: '' })]],
  ['"/a": class holds control characters', [textFile('/a', '', { class: 'a\u001b' })]],
  ['"../a": expected an absolute path', [textFile('../a', '')]],
  ['"": expected an absolute path', [textFile('', '')]],
  ['"/a": listed twice', [textFile('/a', ''), ghost('/a')]],
  ['"/a/b": is in "/a", which is a symlink, expected a directory', [symlink('/a', 'x'), textFile('/a/b', '')]],
];

it.each(CASES)('reports: %s', (issue, entries) => {
  expect(() => sortEntries(entries)).toThrow(RpmError);
  expect(() => sortEntries(entries)).toThrow(issue);
});

it('accepts the limits of every field', () => {
  const stream = () => Readable.from([Buffer.from('a')]);
  const entries: RpmEntry[] = [
    { path: '/streamed', kind: 'file', mode: 0o7777, size: 1, mtime: 2 ** 32 - 1, stream },
    ghost('/ghost'),
    symlink('/link', '../é'),
    textFile('/f', 'a', {
      user: 'www-data',
      group: 'a.b_c',
      language: 'fr|de_DE.UTF-8@euro',
      capabilities: 'cap_chown=ep',
    }),
    textFile('/unknown', '', { class: '' }),
    textFile('/text', '', { class: 'ASCII text', mtime: 0 }),
    hardlink('/h', '/f'),
    { path: '/null', kind: 'characterDevice', device: { major: 255, minor: 255 }, mode: 0, size: 0 },
    { path: '/disk', kind: 'blockDevice', device: { major: 0, minor: 0 }, mode: 0, size: 0 },
    textFile('tiny.spec', ''),
  ];
  expect(sortEntries(entries)).toHaveLength(entries.length);
});

it.each([
  ['/a', true, ['"/a": expected a plain name, as in every source package']],
  ['a', true, []],
  ['a', false, ['"a": expected an absolute path']],
  ['/a', false, []],
])('the path %s in a package whose being source is %s: %j', (path, isSource, issues) => {
  expect(pathKindIssues([{ path }], isSource)).toEqual(issues);
});

it('gathers every issue', () => {
  expect(() => sortEntries([textFile('x/a', ''), textFile('x/b', ''), textFile('x/b', '')])).toThrow(
    /"x\/a"[^]*"x\/b"[^]*"x\/b"[^]*"x\/b": listed twice/,
  );
});

it('sorts by bytes, not by UTF-16 units', () => {
  const paths = ['/🦀', '/\uffee', '/é', '/z', '/a/b', '/a-', '/a', '/a.b', '/A'];
  const sorted = sortEntries(paths.map((path) => folder(path))).map((entry) => entry.path);
  expect(sorted).toEqual(['/A', '/a', '/a-', '/a.b', '/a/b', '/z', '/é', '/\uffee', '/🦀']);
});

const completeEntry = (entry: RpmEntry) => completeEntries([entry])[0];

it('completes modes, sizes and flags', () => {
  expect(completeEntry({ ...symlink('/l', 'é'), mode: 0 })).toMatchObject({
    mode: 0o120777,
    size: 2,
    target: 'é',
    flags: 0,
  });
  expect(completeEntry(folder('/d', { mode: 0o2755, size: 4096 }))).toMatchObject({ mode: 0o042755, size: 0 });
  expect(completeEntry(textFile('/f', 'abc', { mode: 0o7777 }))).toMatchObject({
    mode: 0o107777,
    size: 3,
    user: 'root',
    group: 'root',
  });
  expect(completeEntry({ ...ghost('/g'), doc: true, license: true, config: 'noreplace' })).toMatchObject({
    ghost: true,
    flags: 64 + 2 + 128 + 16 + 1,
  });
});

it('numbers the marks of a file as rpmfiles.h does', () => {
  const flags = (more: Partial<RpmEntry>) => completeEntry(textFile('/f', '', more))?.flags;
  expect(flags({ config: 'replace' })).toBe(1);
  expect(flags({ config: 'noreplace' })).toBe(1 | 16);
  expect(flags({ missingOk: true })).toBe(8);
  expect(flags({ specFile: true })).toBe(32);
  expect(flags({ artifact: true })).toBe(4096);
  expect(flags({ doc: false, license: false })).toBe(0);
});

it('verifies everything but what the package leaves out, and the content of a ghost', () => {
  const verified = (entry: RpmEntry) => completeEntry(entry)?.verifyFlags.toString(16);
  expect(verified(textFile('/f', ''))).toBe('ffffffff');
  expect(verified(ghost('/g'))).toBe('ffffffd8');
  expect(verified(textFile('/f', '', { unverified: ['user', 'group', 'mode'] }))).toBe('ffffffa7');
  expect(verified(textFile('/f', '', { unverified: ['rdev', 'capabilities', 'mtime'] }))).toBe('fffffe5f');
  expect(verified(textFile('/f', '', { unverified: ['digest', 'size', 'link'] }))).toBe('fffffff8');
});

it('gives the names of one file its number, the number of names and its facts, and all others their own', () => {
  const entries = sortEntries([
    hardlink('/a', '/f'),
    textFile('/b', ''),
    textFile('/f', 'abc', { mode: 0o600, user: 'demo' }),
    hardlink('/g', '/f'),
    textFile('/h', 'x'),
    symlink('/l', '/h'),
    { path: '/n', kind: 'characterDevice', device: { major: 1, minor: 3 }, mode: 0o666, size: 0 },
  ]);
  const shown = completeEntries(entries).map(({ path, index, inode, links, size, mode, user }) =>
    [path, index, inode, links, size, mode.toString(8), user].join(' '),
  );
  expect(shown).toEqual([
    '/a 0 1 3 3 100600 demo',
    '/b 1 2 1 0 100644 root',
    '/f 2 1 3 3 100600 demo',
    '/g 3 1 3 3 100600 demo',
    '/h 4 5 1 1 100644 root',
    '/l 5 6 1 2 120777 root',
    '/n 6 7 1 0 20666 root',
  ]);
  expect(completeEntries(entries).map(({ device }) => device)).toEqual([0, 0, 0, 0, 0, 0, 0x103]);
});

it('fills in what an entry leaves open, and passes on colour and class', () => {
  const { read, stream, ...plain } = textFile('/f', 'abc');
  expect(read).toBeDefined();
  expect(stream).toBeUndefined();
  const complete = {
    ...{
      ...plain,
      mode: 0o100644,
      ghost: false,
      target: '',
      user: 'root',
      group: 'root',
      mtime: 315_532_800,
      flags: 0,
    },
    ...{ verifyFlags: 0xffffffff, device: 0, language: '', capabilities: '', index: 0, inode: 1, links: 1 },
  };
  expect(completeEntry(textFile('/f', 'abc', { target: 'ignored' }))).toStrictEqual(complete);
  expect(completeEntry(textFile('/f', 'abc', { color: 2, class: 'ELF' }))).toStrictEqual({
    ...complete,
    ...{ color: 2, class: 'ELF' },
  });
});

it('names the list of files as the subject of the error', () => {
  const facts = { code: 'RPM_ENTRIES_INVALID', subject: 'files of the package' };
  expect(() => sortEntries([folder('/')])).toThrow(expect.objectContaining(facts));
  expect(() => sortEntries([folder('/')])).toThrow('Correct the list of files.');
});
