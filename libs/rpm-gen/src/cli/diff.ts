// `rpm-gen diff`: how two packages differ, in their header and their files.
import { HEADER_TAGS, type HeaderTags } from '../tags.js';
import { readHeaders, type Command } from './command.js';
import { listingOf, type Listing } from './listing.js';
import { relationsOf } from './relations-of.js';

/** Tags that files and relations show in words. */
const SHOWN_OTHERWISE =
  /^(FILE(?!TRIGGER)|DIR|BASENAMES|CLASSDICT|LONGFILESIZES|(PROVIDE|REQUIRE|CONFLICT|OBSOLETE|RECOMMEND|SUGGEST|SUPPLEMENT|ENHANCE)(NAME|FLAGS|VERSION)$)/;

interface Difference {
  subject: string;
  old: string | undefined;
  new: string | undefined;
}

export const diffCommand: Command = {
  synopsis: '<old rpm> <new rpm>',
  about: 'differences; exit code 1 if there are any',
  files: [2, 2],
  run: async (files) => {
    const [before, after] = await readHeaders(files);
    if (before === undefined || after === undefined) throw new TypeError('expected two files');
    const json = [
      ...tagDifferences(before, after),
      ...relationDifferences(before, after),
      ...fileDifferences(before, after),
    ];
    const lines = json.flatMap((one) => [
      one.subject,
      ...(one.old === undefined ? [] : [`  - ${one.old}`]),
      ...(one.new === undefined ? [] : [`  + ${one.new}`]),
    ]);
    return { text: lines.length === 0 ? 'no differences' : lines.join('\n'), json, success: json.length === 0 };
  },
};

function tagDifferences(before: HeaderTags, after: HeaderTags): Difference[] {
  const names = Object.keys(HEADER_TAGS).filter((name) => !SHOWN_OTHERWISE.test(name)) as (keyof HeaderTags)[];
  return compare(
    names,
    (name) => text(before[name]),
    (name) => text(after[name]),
  );
}

function relationDifferences(before: HeaderTags, after: HeaderTags): Difference[] {
  const list = (header: HeaderTags) =>
    Object.entries(relationsOf(header)).flatMap(([kind, relations]) => relations.map((one) => `${kind} ${one}`));
  const [old, found] = [new Set(list(before)), new Set(list(after))];
  return compare(
    [...new Set([...old, ...found])].sort(),
    (one) => (old.has(one) ? one : undefined),
    (one) => (found.has(one) ? one : undefined),
  );
}

function fileDifferences(before: HeaderTags, after: HeaderTags): Difference[] {
  const byPath = (header: HeaderTags) => new Map(listingOf(header).map((one) => [one.path, one]));
  const [old, found] = [byPath(before), byPath(after)];
  const show = (one: Listing | undefined) =>
    one &&
    [one.mode, one.user, one.group, one.size, one.mtime, one.target, one.digest, ...one.flags, one.capabilities]
      .filter((value) => value !== '')
      .join(' ');
  return compare(
    [...new Set([...old.keys(), ...found.keys()])].sort(),
    (path) => show(old.get(path)),
    (path) => show(found.get(path)),
  );
}

function compare<Subject extends string>(
  subjects: readonly Subject[],
  before: (subject: Subject) => string | undefined,
  after: (subject: Subject) => string | undefined,
): Difference[] {
  return subjects
    .map((subject) => ({ subject, old: before(subject), new: after(subject) }))
    .filter((one) => one.old !== one.new);
}

function text(value: HeaderTags[keyof HeaderTags]): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value.join(', ');
}
