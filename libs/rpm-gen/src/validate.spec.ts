import { describe, expect, it } from 'vitest';
import type { RpmError } from './errors.js';
import type { RpmSpec, FileTrigger } from './spec.js';
import { validateSpec } from './validate.js';
import { minimalSpec } from './samples.fixture.js';

function trigger(more: Partial<FileTrigger>): FileTrigger {
  return { on: 'in', paths: ['/usr'], interpreter: '/bin/sh', body: '', ...more };
}

const CASES: [issue: string, change: Partial<RpmSpec>][] = [
  ['name is "", expected letters', { name: '' }],
  ['name is "a b", expected letters', { name: 'a b' }],
  ['name is "-a", expected letters', { name: '-a' }],
  ['version is "1-2", expected', { version: '1-2' }],
  ['version is "", expected', { version: '' }],
  ['release is "1:2", expected', { release: '1:2' }],
  ['epoch is -1, expected', { epoch: -1 }],
  ['epoch is 1.5, expected', { epoch: 1.5 }],
  ['buildTime is 4294967296, expected', { buildTime: 2 ** 32 }],
  ['summary is "a\\nb", expected one line', { summary: 'a\nb' }],
  ['summary is "", expected one line', { summary: '' }],
  ['license is "", expected one line', { license: '' }],
  ['url is "a\\u0000b", expected one line', { url: 'a\0b' }],
  ['description holds control characters', { description: 'a\0b' }],
  ['description holds control characters or a lone surrogate', { description: '\ud800' }],
  ['requires "a b": expected a name', { requires: [{ name: 'a b' }] }],
  ['provides "": expected a name', { provides: [{ name: '' }] }],
  ['conflicts "a": found only one of sense and version', { conflicts: [{ name: 'a', version: '1' }] }],
  ['obsoletes "a": found only one of sense and version', { obsoletes: [{ name: 'a', sense: '<' }] }],
  ['recommends "a": version is "1-2-3", expected', { recommends: [{ name: 'a', sense: '<', version: '1-2-3' }] }],
  ['requires "a": version is "1,2", expected', { requires: [{ name: 'a', sense: '<', version: '1,2' }] }],
  [
    'scriptlet post: interpreter is "sh", expected an absolute path',
    { scriptlets: { post: { interpreter: 'sh', body: '' } } },
  ],
  [
    'scriptlet pre: interpreter is "/bin/sh -e", expected',
    { scriptlets: { pre: { interpreter: '/bin/sh -e', body: '' } } },
  ],
  [
    'scriptlet preun: the body holds control characters',
    { scriptlets: { preun: { interpreter: '/bin/sh', body: '\0' } } },
  ],
  ['transaction file trigger in: interpreter is "sh"', { transactionFileTriggers: [trigger({ interpreter: 'sh' })] }],
  [
    'transaction file trigger in: the body holds control characters',
    { transactionFileTriggers: [trigger({ body: '\0' })] },
  ],
  ['transaction file trigger un: found no paths', { transactionFileTriggers: [trigger({ on: 'un', paths: [] })] }],
  ['trigger in: path is "usr", expected an absolute one', { transactionFileTriggers: [trigger({ paths: ['usr'] })] }],
  ['trigger in: path is "/a b", expected', { transactionFileTriggers: [trigger({ paths: ['/a b'] })] }],
  ['trigger in: path is "/a,/b", expected', { transactionFileTriggers: [trigger({ paths: ['/a,/b'] })] }],
  ['trigger in: priority is -1, expected', { transactionFileTriggers: [trigger({ priority: -1 })] }],
  ['changelog: author or text holds', { changelog: [{ time: 1, author: 'a\nb', text: 't' }] }],
  ['changelog: author or text holds', { changelog: [{ time: 1, author: 'a', text: 't\u000b' }] }],
  ['changelog: time is -1', { changelog: [{ time: -1, author: 'a', text: 't' }] }],
  [
    'changelog: 2 follows 1, expected the newest first',
    {
      changelog: [
        { time: 1, author: 'a', text: 't' },
        { time: 2, author: 'a', text: 't' },
      ],
    },
  ],
];

it.each(CASES)('reports: %s', (issue, change) => {
  expect(issuesOf(minimalSpec(change))).toMatchObject({ code: 'RPM_SPEC_INVALID' });
  expect(issuesOf(minimalSpec(change)).message).toContain(issue);
});

// createrepo_c leaves out packages with the first ones; terminals interpret the others.
const CONTROL = [0x00, 0x07, 0x0b, 0x1b, 0x7f, 0x85, 0x9b, 0x202e, 0x2066, 0x2028];

describe.each(CONTROL)('the control character %i', (code) => {
  const character = String.fromCharCode(code);
  const text = `a${character}b`;

  it.each([
    ...['name', 'version', 'release', 'summary', 'license', 'buildHost', 'url', 'vendor', 'packager', 'group'],
    ...['sourceRpm', 'description'],
  ])('is refused in %s', (field) => {
    const { code: found, message } = issuesOf(minimalSpec({ [field]: text }));
    expect(found).toBe('RPM_SPEC_INVALID');
    expect(message).not.toContain(character);
  });

  it('is refused in relations, scriptlets, triggers and the changelog', () => {
    const { message } = issuesOf(
      minimalSpec({
        requires: [{ name: text }],
        provides: [{ name: 'a', sense: '=', version: text }],
        scriptlets: { post: { interpreter: `/bin/${text}`, body: text } },
        transactionFileTriggers: [trigger({ paths: [`/${text}`] })],
        changelog: [{ time: 1, author: text, text }],
      }),
    );
    expect(message.split('\n')).toHaveLength(7);
    expect(message).not.toContain(character);
  });
});

it('accepts newlines and tabs in descriptions, scriptlets and changelogs', () => {
  const text = 'one\n\ttwo';
  expect(() => {
    validateSpec(
      minimalSpec({
        description: text,
        scriptlets: { post: { interpreter: '/bin/sh', body: text } },
        changelog: [{ time: 1, author: 'a', text }],
      }),
    );
  }).not.toThrow();
});

it('gathers every issue', () => {
  const { message, subject } = issuesOf(minimalSpec({ version: '', release: '-', summary: '' }));
  expect(subject).toBe('tiny');
  expect(message.split('\n')).toHaveLength(4);
  expect(message).toContain('Correct the spec of the package.');
});

it.each([
  ['', 'package without a name'],
  ['a\u001bb', 'a\\u001bb'],
])('has a package called %j as subject %j', (name, subject) => {
  expect(issuesOf(minimalSpec({ name }))).toMatchObject({ subject });
});

it.each<[string, Partial<RpmSpec>]>([
  ['architecture is "sparc99", expected one of noarch, x86_64,', { architecture: 'sparc99' as 'noarch' }],
  ['architecture is "toString", expected one of', { architecture: 'toString' as 'noarch' }],
  ['provides "(a or b)": found a rich dependency', { provides: [{ name: '(a or b)' }] }],
  [
    'scriptlet pre: found arguments of <lua>',
    { scriptlets: { pre: { interpreter: '<lua>', args: ['-x'], body: '' } } },
  ],
  ['scriptlet pre: an argument is empty', { scriptlets: { pre: { interpreter: '/bin/sh', args: [''], body: '' } } }],
  [
    'trigger in: found no packages',
    { packageTriggers: [{ on: 'in', packages: [], interpreter: '/bin/sh', body: '' }] },
  ],
  [
    'trigger in "a": version is "1-2-3"',
    {
      packageTriggers: [
        { on: 'in', packages: [{ name: 'a', sense: '=', version: '1-2-3' }], interpreter: '/bin/sh', body: '' },
      ],
    },
  ],
  ['file trigger in: path is "x"', { fileTriggers: [trigger({ paths: ['x'] })] }],
  ['name is "a\\nb"', { name: 'a\nb' }],
  ['epoch is 4294967296, expected a whole number in 32 bits', { epoch: 2 ** 32 }],
  ['buildTime is -1, expected', { buildTime: -1 }],
  ['buildTime is 0.5, expected', { buildTime: 0.5 }],
  ['sourceRpm is "", expected one line', { sourceRpm: '' }],
  ['scriptlet pre: interpreter is "x/bin/sh"', { scriptlets: { pre: { interpreter: 'x/bin/sh', body: '' } } }],
  ['scriptlet pre: interpreter is "/"', { scriptlets: { pre: { interpreter: '/', body: '' } } }],
  ['scriptlet pre: interpreter is "/bin/\\u0007"', { scriptlets: { pre: { interpreter: '/bin/\u0007', body: '' } } }],
  [
    'scriptlet pre: an argument is empty or holds control',
    { scriptlets: { pre: { interpreter: '/bin/sh', args: ['-e', 'a\nb'], body: '' } } },
  ],
  ['trigger in: path is "x/a"', { fileTriggers: [trigger({ paths: ['x/a'] })] }],
  ['trigger in: path is "/\\u0007"', { fileTriggers: [trigger({ paths: ['/usr', '/\u0007'] })] }],
  ['file trigger in: priority is 4294967296', { fileTriggers: [trigger({ priority: 2 ** 32 })] }],
  ['translations: language is "d", expected', { translations: { d: {} } }],
  ['translations: language is "pt BR", expected', { translations: { 'pt BR': {} } }],
  ['translations: language is "_de", expected', { translations: { _de: {} } }],
  ['translations de: found control characters', { translations: { fr: {}, de: { summary: 'a\nb' } } }],
  ['translations de: found control characters', { translations: { de: { group: 'a\u0007' } } }],
  ['translations de: found control characters', { translations: { de: { description: 'a\u0007' } } }],
])('refuses: %s', (expected, change) => {
  expect(issuesOf(minimalSpec(change)).message).toContain(expected);
});

it.each<Partial<RpmSpec>>([
  { name: 'reqset3-py311-wheel-numpy' },
  { name: 'libstdc++6_x.y' },
  { version: '1.0~rc1^git2+local.1' },
  {
    requires: [
      { name: '(a >= 1 with a < 2)' },
      { name: 'libc.so.6(GLIBC_2.4)(64bit)' },
      { name: 'python(abi)', sense: '=', version: '3.11' },
    ],
  },
  { epoch: 0, buildTime: 0 },
  { epoch: 0xffffffff, buildTime: 0xffffffff },
  { name: 'x' },
  { translations: { de: { summary: 'Paket' }, pt_BR: { description: 'a\n\tb' }, 'sr@latin': { group: 'g' } } },
  {
    scriptlets: {
      pre: { interpreter: '<lua>', args: [], body: '' },
      post: { interpreter: '/bin/sh', args: ['-e'], body: '' },
    },
  },
  {
    fileTriggers: [trigger({ paths: ['/'], priority: 0xffffffff })],
    transactionFileTriggers: [trigger({ priority: 0 })],
  },
  {
    changelog: [
      { time: 0xffffffff, author: 'a', text: '' },
      { time: 1, author: 'a', text: 't' },
      { time: 1, author: 'a', text: 't' },
      { time: 0, author: 'a', text: 't' },
    ],
  },
])('accepts %j', (change) => {
  expect(() => {
    validateSpec(minimalSpec(change));
  }).not.toThrow();
});

function issuesOf(spec: RpmSpec): RpmError {
  try {
    validateSpec(spec);
  } catch (error) {
    return error as RpmError;
  }
  return expect.fail('nothing was thrown');
}
