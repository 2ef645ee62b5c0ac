import { expect, test } from 'vitest';
import { reportWaits, type Pending } from './report-waits.js';

function waitingFor(requests: Pending[], programs: Pending[]) {
  const lines: string[] = [];
  const tools = {
    index: { pending: requests },
    uv: { pending: programs },
    progress: (line: string) => {
      lines.push(line);
    },
  };
  return { tools, lines };
}

const ago = (seconds: number): number => Date.now() - seconds * 1000;
const page = (name: string): string => `https://index.example/simple/${name}/`;
const UV = { about: 'uv pip compile', since: ago(30) };

test.each([
  [
    'the oldest request and the number of others',
    [page('numpy'), page('scipy')],
    [UV],
    `${page('numpy')} (12 s), and for 1 more`,
  ],
  ['uv, if no request is long', [], [UV], 'uv pip compile (30 s)'],
])('reports %s', async (_, urls, programs, expected) => {
  const { tools, lines } = waitingFor(
    urls.map((about) => ({ about, since: ago(12) })),
    programs,
  );
  const work = (): Promise<string> =>
    new Promise((resolve) => {
      const poll = setInterval(() => {
        if (lines.length === 0) return;
        clearInterval(poll);
        resolve('done');
      }, 5);
    });
  expect(await reportWaits(tools, work, 20)).toBe('done');
  expect(lines[0]).toBe(`waiting for ${expected}`);
});

test('reports nothing that has just begun, and stops with the work', async () => {
  const { tools, lines } = waitingFor([{ about: page('numpy'), since: Date.now() + 60_000 }], []);
  await expect(
    reportWaits(tools, () => new Promise((_, reject) => setTimeout(reject, 100, new Error('failed'))), 10),
  ).rejects.toThrow('failed');
  expect(lines).toEqual([]);
});
