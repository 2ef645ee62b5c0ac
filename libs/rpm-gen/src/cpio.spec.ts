import { describe, expect, it } from 'vitest';
import { describeWith, runForBytes, temporaryFolder } from '@pinpack/testing';
import { isLarge, planCpio } from './cpio.js';
import { completeEntries, sortEntries, type RpmEntry } from './entries.js';
import { packPayload } from './payload.js';
import { buildReference } from './reference.fixture.js';
import { folder, ghost, minimalSpec, NONE, symlink, textFile, unusualEntries } from './samples.fixture.js';

const hardlink = (path: string, target: string): RpmEntry => ({ path, kind: 'hardlink', target, mode: 0, size: 0 });
const plan = (entries: RpmEntry[], large = false) => planCpio(completeEntries(sortEntries(entries)), large);

describeWith(['rpmbuild', 'rpm2cpio'], 'the archive', () => {
  it("is rpmbuild's, but for times and for the inodes of files with one name", async () => {
    const theirs = runForBytes('rpm2cpio', [await buildReference(temporaryFolder(), minimalSpec(), unusualEntries())]);
    const { data } = await packPayload(unusualEntries(), NONE);
    expect(comparable(data)).toBe(comparable(theirs));
  });
});

function comparable(archive: Uint8Array): string {
  const header = /070701([0-9a-f]{8})([0-9a-f]{24})([0-9a-f]{8})[0-9a-f]{8}/g;
  return Buffer.from(archive)
    .toString('latin1')
    .replace(header, (_match, inode: string, modeAndOwner: string, links: string) =>
      [Number.parseInt(links, 16) > 1 ? inode : 'inode', modeAndOwner, links, 'mtime'].join(' '),
    );
}

describe('planCpio', () => {
  it('pads headers and data to 4 bytes, without gaps', () => {
    // A header of 110 bytes, "./a" with a NUL: 114, padded to 116.
    const { members, size } = plan([textFile('/a', 'hello'), textFile('/bc', ''), textFile('/def', 'four')]);
    expect(members.map(({ headerOffset, dataOffset }) => [headerOffset, dataOffset])).toEqual([
      [0, 116],
      [124, 240],
      [240, 356],
      [360, 484],
    ]);
    expect(size).toBe(484);
  });

  it('names the files of a source package without ./', () => {
    const [spec] = plan([textFile('tiny.spec', 'x')]).members;
    expect(spec?.header.slice(94)).toBe('0000000a00000000tiny.spec\0');
  });

  it('numbers only files with several names: other numbers would shift with every added file', () => {
    const { members } = plan([folder('/d'), textFile('/d/a', ''), hardlink('/d/b', '/d/c'), textFile('/d/c', '')]);
    expect(members.map(({ header }) => header.slice(6, 14))).toEqual([
      ...['00000000', '00000000', '00000003', '00000003', '00000000'],
    ]);
  });

  it('counts the bytes of a name, not its characters', () => {
    const [file, trailer] = plan([textFile('/é', '')]).members;
    expect(file?.header.slice(94, 102)).toBe('00000005');
    expect(trailer?.headerOffset).toBe(116);
  });

  it("refers to the header in rpm's own form, and ends with a trailer of cpio's", () => {
    const entries = [folder('/d'), ghost('/d/0'), textFile('/d/a', 'hello'), hardlink('/d/b', '/d/c')];
    const { members, size } = plan([...entries, textFile('/d/c', 'you'), symlink('/d/e', 'a')], true);
    expect(
      members.map(({ header, headerOffset, dataOffset }) => [header.slice(0, 14), headerOffset, dataOffset]),
    ).toEqual([
      ['07070X00000000', 0, 16],
      ['07070X00000002', 16, 32],
      ['07070X00000005', 40, 56],
      ['07070X00000003', 60, 76],
      ['07070X00000004', 76, 92],
      ['07070100000000', 96, 220],
    ]);
    expect(members.map(({ content }) => content?.path)).toEqual([
      ...['/d', '/d/a', '/d/e', undefined, '/d/c', undefined],
    ]);
    expect(size).toBe(220);
  });
});

it.each([
  [0xffffffff, false],
  [0x100000000, true],
])("a file of %i bytes needs rpm's own form: %s", (size, expected) => {
  const files = completeEntries(sortEntries([textFile('/a', ''), textFile('/b', '', { size }), textFile('/c', '')]));
  expect(isLarge(files)).toBe(expected);
});
