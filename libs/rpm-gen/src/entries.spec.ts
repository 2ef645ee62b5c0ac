import { expect, it } from 'vitest';
import { completeEntries, sortEntries, type RpmEntry } from './entries.js';
import { RpmError } from './errors.js';
import { folder, ghost, symlink, textFile } from './samples.fixture.js';

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
  ['"/a": listed twice', [textFile('/a', ''), ghost('/a')]],
  ['"/a/b": is in "/a", which is a symlink, expected a directory', [symlink('/a', 'x'), textFile('/a/b', '')]],
];

it.each(CASES)('reports: %s', (issue, entries) => {
  expect(() => sortEntries(entries)).toThrow(RpmError);
  expect(() => sortEntries(entries)).toThrow(issue);
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
    flags: 64 + 2 + 128 + 16 + 1,
  });
});
