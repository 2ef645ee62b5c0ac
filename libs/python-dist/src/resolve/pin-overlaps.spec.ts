import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Of } from '@pinpack/common/digest';
import { expect, onTestFinished, test } from 'vitest';
import { bytes, html, serve, type Answer } from '../index/index-client.fixture.js';
import { IndexClient } from '../index/index-client.js';
import { encodeWheel, type FixtureEntry, type FixtureWheel } from '../wheel/wheel.fixture.js';
import { findPinOverlaps, type OverlapPin, type OverlapRequest } from './pin-overlaps.js';

const EXTEND = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n";
const DECLARE = "__import__('pkg_resources').declare_namespace(__name__)\n";

interface Sample {
  pin: OverlapPin;
  fileName: string;
  data: Buffer;
}

function sample(name: string, files: readonly FixtureEntry[], more: FixtureWheel = {}): Sample {
  const metadata = `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`;
  const data = encodeWheel({ distInfo: `${name}-1.0.dist-info`, metadata, files, ...more });
  const fileName = `${name}-1.0-py3-none-any.whl`;
  const wheel = { name: fileName, size: data.length, sha256: sha256Of(data) };
  return { pin: { name, version: '1.0', source: { kind: 'wheel', wheel } }, fileName, data };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'pinpack-overlaps-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

function requestFor(samples: readonly Sample[], more: Partial<OverlapRequest> = {}): OverlapRequest {
  const root = folder();
  return {
    pins: samples.map(({ pin }) => pin),
    python: '3.11.2',
    wheels: join(root, 'wheels'),
    cache: join(root, 'cache'),
    ...more,
  };
}

function writeWheels({ wheels }: OverlapRequest, samples: readonly Sample[]): void {
  mkdirSync(wheels, { recursive: true });
  for (const { fileName, data } of samples) writeFileSync(join(wheels, fileName), data);
}

const FILES = [
  sample('one', [
    { name: 'mod.py', data: 'one' },
    { name: 'ns/__init__.py', data: EXTEND },
    { name: 'ns/one.py', data: '1' },
    { name: 'one-1.0.data/scripts/one-tool', data: '#!python\n' },
  ]),
  sample(
    'two',
    [
      { name: 'mod.py', data: 'two' },
      { name: 'ns/__init__.py', data: DECLARE },
    ],
    {
      unlisted: [{ name: 'two.dll', data: 'x' }],
    },
  ),
];

const EXPECTED = {
  commands: new Set(['one-tool']),
  overlaps: [{ pins: ['one', 'two'], paths: ['mod.py'], isHarmless: false, isImpossible: false }],
  recordIssues: new Map([['two', ['RECORD does not list two.dll']]]),
  unknown: [],
};

test('reads wheels in the folder, where two ways to declare a namespace are the same', async () => {
  const request = requestFor(FILES);
  writeWheels(request, FILES);
  expect(await findPinOverlaps(request)).toEqual(EXPECTED);
  rmSync(request.wheels, { recursive: true });
  // From the cache.
  expect(await findPinOverlaps(request)).toEqual(EXPECTED);
});

test('does not know pins without a wheel', async () => {
  const found = await findPinOverlaps(requestFor(FILES));
  expect(found).toEqual({ commands: new Set(), overlaps: [], recordIssues: new Map(), unknown: ['one', 'two'] });
});

/** An index with ranges, or without. */
async function serveSamples(samples: readonly Sample[], hasRanges: boolean) {
  const answers: Record<string, Answer> = {};
  for (const { pin, fileName, data } of samples) {
    answers[`/simple/${pin.name}/`] = html(`<a href="/files/${fileName}#sha256=${sha256Of(data)}">${fileName}</a>`);
    answers[`/files/${fileName}`] = (response, { headers, ...request }) => {
      const [, start = '', end = ''] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
      if (!hasRanges) {
        bytes(data)(response, request as never);
        return;
      }
      const from = start === '' ? Math.max(0, data.length - Number(end)) : Number(start);
      const to = start === '' || end === '' ? data.length : Math.min(Number(end) + 1, data.length);
      const range = `bytes ${from}-${to - 1}/${data.length}`;
      response.writeHead(206, { 'content-range': range }).end(data.subarray(from, to));
    };
  }
  const server = await serve(answers);
  const indexes = [{ url: `${server.origin}/simple/`, names: [], isExplicit: false }];
  const client = IndexClient.of({ indexes });
  return { server, index: () => Promise.resolve(client) };
}

test('reads only the ends of wheels on an index, once', async () => {
  // The end that is fetched first does not reach the files.
  const padding = { name: 'zz.bin', data: Buffer.alloc(100_000, 'x'), method: 0 };
  const samples = FILES.map(({ pin }, index) =>
    sample(pin.name, [
      { name: 'mod.py', data: pin.name },
      { name: 'ns/__init__.py', data: index === 0 ? EXTEND : DECLARE },
      padding,
    ]),
  );
  const { server, index } = await serveSamples(samples, true);
  const request = requestFor(samples, { index });
  const found = await findPinOverlaps(request);
  expect(found).toEqual({ ...EXPECTED, commands: new Set(), recordIssues: new Map() });
  const { length } = server.asked;
  expect(await findPinOverlaps(request)).toEqual(found);
  expect(server.asked).toHaveLength(length);
});

test('does not download wheels from an index without ranges', async () => {
  const { index } = await serveSamples(FILES, false);
  expect((await findPinOverlaps(requestFor(FILES, { index }))).unknown).toEqual(['one', 'two']);
});
