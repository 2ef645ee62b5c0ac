import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openPublications, publishedBytes, type Publications } from '@pinpack/publication';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '@pinpack/testing';
import { writeMovingIndex } from './moving-index.js';
import { formatWheelList, WHEEL_LIST } from './wheel-list.js';

let folder: string;
let publication: Publications;

beforeEach(async () => {
  folder = temporaryFolder();
  publication = await openPublications(pathToFileURL(folder).href, { environment: {} });
});

/** A release of wheels: `numpy-2.0` and its digest's digit. Gives its id. */
async function release(...wheels: [wheel: string, digit: string][]): Promise<string> {
  const listed = wheels.map(([wheel, digit]) => {
    const [name = '', version = ''] = wheel.split('-');
    return { name, version, fileName: `${wheel}-py3-none-any.whl`, size: 1, sha256: digit.repeat(64) };
  });
  const files = [publishedBytes(WHEEL_LIST, formatWheelList(listed))];
  return (await publication.publish({ label: 'demo', files, url: 'https://x' })).id;
}

/** Each wheel's release and digest's digit, as a page has it. */
function page(name: string): string[] {
  const html = readFileSync(join(folder, 'demo/simple', name, 'index.html'), 'utf8');
  return [...html.matchAll(/releases\/([^/]+)\/wheels\/([^#]+)-py3-none-any.whl#sha256=(.)/g)].map(
    ([, id = '', wheel = '', digit = '']) => `${wheel} ${digit} of ${id}`,
  );
}

test('has the wheels of all releases, and of one file name that of the latest', async () => {
  const first = await release(['numpy-1.0', 'a'], ['own-1.0', 'b']);
  const second = await release(['numpy-2.0', 'c'], ['own-1.0', 'd']);
  await writeMovingIndex(publication, { label: 'demo', latest: second });
  expect(page('numpy')).toEqual([`numpy-1.0 a of ${first}`, `numpy-2.0 c of ${second}`]);
  expect(page('own')).toEqual([`own-1.0 d of ${second}`]);
  await writeMovingIndex(publication, { label: 'demo', latest: first });
  expect(page('own')).toEqual([`own-1.0 b of ${first}`]);
});

test('leaves out what is about to be removed, and pages of what no release has', async () => {
  const first = await release(['old-1.0', 'a']);
  const second = await release(['numpy-2.0', 'c']);
  await writeMovingIndex(publication, { label: 'demo', latest: second });
  expect(page('old')).toEqual([`old-1.0 a of ${first}`]);
  await writeMovingIndex(publication, { label: 'demo', latest: second, without: [first] });
  expect(readdirSync(join(folder, 'demo/simple/old'))).toEqual([]);
  expect(readFileSync(join(folder, 'demo/find-links.html'), 'utf8')).not.toContain('old-1.0');
});

test('is written again when another publisher comes in between: nothing of it is lost', async () => {
  const first = await release(['numpy-1.0', 'a']);
  const state = { second: '' };
  const slow = new Proxy(publication, {
    get(target, name: keyof Publications) {
      if (name !== 'write' || state.second !== '') return (target[name] as () => unknown).bind(target);
      return async (...order: Parameters<Publications['write']>) => {
        state.second = await release(['numpy-2.0', 'b']);
        await writeMovingIndex(publication, { label: 'demo', latest: state.second });
        return target.write(...order);
      };
    },
  });
  await writeMovingIndex(slow, { label: 'demo', latest: first });
  expect(page('numpy')).toEqual([`numpy-1.0 a of ${first}`, `numpy-2.0 b of ${state.second}`]);
});

test('a list that is damaged is reported by its name', async () => {
  const files = [publishedBytes(WHEEL_LIST, '{}')];
  const { id } = await publication.publish({ label: 'demo', files, url: 'https://x' });
  await expect(writeMovingIndex(publication, { label: 'demo', latest: id })).rejects.toThrow(
    `demo/releases/${id}/wheels.json: is not a list of wheels of format 1. Publish again.`,
  );
});
