/** RPMs of four writers, read alike by rpm and by rpm-gen: every tag that both know, and the list of files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith, run, temporaryFolder } from '@pinpack/testing';
import { filesCommand } from './cli/files.js';
import { readPayload } from './read-payload.js';
import { readRpm } from './read.js';
import { buildReference } from './reference.fixture.js';
import { folder, ghost, minimalSpec, sampleRpm, symlink, textFile } from './samples.fixture.js';
import { HEADER_TAGS } from './tags.js';

const fixture = (name: string) => new URL(`../fixtures/${name}`, import.meta.url).pathname;
const SPEC = minimalSpec({
  epoch: 1,
  requires: [{ name: 'bash', sense: '>=', version: '4' }, { name: '(vim or nano >= 2)' }],
  provides: [{ name: 'virtual', sense: '=', version: '1.0' }],
  recommends: [{ name: 'less' }],
  scriptlets: { post: { interpreter: '/bin/sh', body: 'echo installed' } },
});
const ENTRIES = [
  folder('/opt/tiny'),
  symlink('/opt/tiny/current', 'tool'),
  ghost('/opt/tiny/log'),
  textFile('/opt/tiny/tiny.conf', 'a = 1\n', { config: 'noreplace' }),
  textFile('/opt/tiny/tool', '#!/bin/sh\n', { mode: 0o755 }),
];

const WRITERS: [writer: string, make: () => string | Promise<string>][] = [
  ['rpm-gen', writeOwn],
  ['rpmbuild', () => buildReference(temporaryFolder(), SPEC, ENTRIES, 'w3.zstdio')],
  ['nfpm 2', () => fixture('nfpm.rpm')],
  ['rpm-rs, format 4', () => fixture('rpm-rs-format-4.rpm')],
  ['rpm-rs, format 6', () => fixture('rpm-rs-format-6.rpm')],
];

describeWith(['rpm', 'rpmbuild'], 'rpm-gen reads as rpm does', () => {
  it.each(WRITERS)('packages of %s', async (_writer, make) => {
    const path = await make();
    const bytes = readFileSync(path);
    const { header } = readRpm(bytes);
    const tags = Object.entries(tagsOf(run('rpm', ['-qp', '--nosignature', '--xml', path]))).filter(
      ([name]) => name in HEADER_TAGS,
    );
    const ours = tags.map(([name]) => [name, textsOf(header[name as keyof typeof header])]);
    const isTranslated = (name: string) => HEADER_TAGS[name as keyof typeof HEADER_TAGS][1] === 'i18n';
    expect(ours).toEqual(tags.map(([name, texts]) => [name, isTranslated(name) ? texts.slice(0, 1) : texts]));
    expect(tags.length).toBeGreaterThan(40);
    const unseen = Object.keys(header).filter((name) => !tags.some(([found]) => found === name));
    expect(unseen.filter((name) => !SINCE_RPM_6.test(name))).toEqual([]);

    const files = run('rpm', ['-qplv', '--nosignature', path]).trim().split('\n');
    const { text } = await filesCommand.run([path], {});
    expect(text.split('\n').map((line) => line.replace(OUR_COLUMNS, '$1 $2 $3 $4 $5'))).toEqual(
      files.map((line) => line.replace(COLUMNS, '$1 $2 $3 $4 $5')),
    );
    const tool = (await readPayload(bytes)).find((one) => one.path === '/opt/tiny/tool');
    expect(tool?.data?.toString()).toBe('#!/bin/sh\n');
  });
});

/** Mode, links, user, group, size, month, day, time or year, path. */
const COLUMNS = /^(\S+)\s+\d+\s+(\S+)\s+(\S+)\s+(\d+)\s+\S+\s+\S+\s+\S+\s+(.*)$/;
/** Mode, user, group, size, time, path, flags. */
const OUR_COLUMNS = /^\s*(\S+)\s+(\S+)\s+(\S+)\s+(\d+)\s+\S+\s+(.*?)(?: \([a-z, ]+\))?$/;
/** rpm 4 prints these as unknown. */
const SINCE_RPM_6 = /^(?:PAYLOADSIZE|PAYLOADSIZEALT|RPMFORMAT|SOURCENEVR|PAYLOADSHA.+)$/;

async function writeOwn(): Promise<string> {
  const path = join(temporaryFolder(), 'own.rpm');
  writeFileSync(path, await sampleRpm(SPEC, ENTRIES));
  return path;
}

/** rpm's XML is one element for each tag, and one for each of its values. */
function tagsOf(xml: string): Record<string, string[]> {
  const found = [...xml.matchAll(/<rpmTag name="(\w+)">(.*?)<\/rpmTag>/gs)];
  return Object.fromEntries(
    found.map(([, name = '', values = '']) => [
      name.toUpperCase(),
      [...values.matchAll(/<(string|integer|base64)(?:\/>|>(.*?)<\/\1>)/gs)].map(([, kind, text = '']) =>
        kind === 'base64' ? Buffer.from(text, 'base64').toString('hex') : unescape(text),
      ),
    ]),
  );
}

function unescape(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function textsOf(value: string | readonly (string | number)[] | Uint8Array | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('hex')];
  return typeof value === 'string' ? [value] : value.map(String);
}
