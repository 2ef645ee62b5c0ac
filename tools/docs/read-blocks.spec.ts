import { expect, test } from 'vitest';
import { commandsOf, missingLine, readBlocks } from './read-blocks.js';

const PAGE = `
\`\`\`console run
$ cat > a <<'END'
# not a prompt
END
$ nx run a:lock
a: 1 pins …
# dnf install a
\`\`\`

<!-- not run: needs a bucket -->

\`\`\`sh
nx run a:publish
\`\`\`

\`\`\`json
{ "$ a": 1 }
\`\`\`
`;

test('reads commands, hosts, output and reasons', () => {
  const [first, second, ...more] = readBlocks(PAGE);
  expect(more).toEqual([]);
  expect([first?.isRun, second?.isRun, second?.reason]).toEqual([true, false, 'needs a bucket']);
  expect(first === undefined ? [] : commandsOf(first)).toEqual([
    { prompt: '$', text: "cat > a <<'END'\n# not a prompt\nEND", output: [], line: 3 },
    { prompt: '$', text: 'nx run a:lock', output: ['a: 1 pins …'], line: 6 },
    { prompt: '#', text: 'dnf install a', output: [], line: 8 },
  ]);
});

test.each([
  [['a', '…', 'c'], 'a\nb\nc', undefined],
  [['x … y'], 'x 12 kB y', undefined],
  [['name    size'], 'name  size', undefined],
  [['b', 'a'], 'a\nb', 'a'],
  [['a.c'], 'abc', 'a.c'],
])('%j in %j: missing %j', (shown, output, missing) => {
  expect(missingLine(shown, output)).toBe(missing);
});
