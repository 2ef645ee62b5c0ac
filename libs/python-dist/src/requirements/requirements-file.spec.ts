import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { DistError } from '../dist-error.js';
import { parseRequirementsFile, parseRequirementsFileWithOptions } from './requirements-file.js';

const SHA = 'a'.repeat(64);

describe('parseRequirementsFile', () => {
  test('reads requirements with hashes, over several lines', () => {
    const text = `# pins\nnumpy==2.4.6 ; python_version >= "3.11" \\\n    --hash=sha256:${SHA} \\\n    --hash sha256:${SHA}\n`;
    expect(parseRequirementsFile(text, 'requirements.txt')).toEqual([
      {
        requirement: {
          name: 'numpy',
          extras: [],
          specifiers: [{ operator: '==', version: '2.4.6', wildcard: false }],
          marker: 'python_version >= "3.11"',
        },
        line: 2,
        raw: `numpy==2.4.6 ; python_version >= "3.11"     --hash=sha256:${SHA}     --hash sha256:${SHA}`,
        hashes: [`sha256:${SHA}`, `sha256:${SHA}`],
      },
    ]);
  });

  test('reports all issues by file and line', () => {
    const text =
      'numpy==1 oops\n-r other.txt\n\n./local.whl\nhttps://example.org/a.whl\nx==${VERSION}\n--index-url=https://example.org\n';
    const error = errorOf(() => parseRequirementsFile(text, 'reqsets/a/requirements.txt'));
    expect(error.code).toBe('DIST_REQUIREMENTS_FILE_INVALID');
    expect(error.issues.map(({ message }) => message.split('\n')[0])).toEqual([
      expect.stringContaining('reqsets/a/requirements.txt:1: column 10: expected'),
      'reqsets/a/requirements.txt:6: x==${VERSION} names an environment variable',
      'reqsets/a/requirements.txt:4: ./local.whl is a path or a URL',
      'reqsets/a/requirements.txt:5: https://example.org/a.whl is a path or a URL',
      'reqsets/a/requirements.txt:2: option "-r other.txt" is not supported',
      'reqsets/a/requirements.txt:7: option "--index-url=https://example.org" is not supported',
    ]);
    expect(error.message).toContain('\n  - reqsets/a/requirements.txt:1:');
  });

  test.each([
    ['numpy==1 --hash=md5:00', '--hash=md5:00 is not a digest'],
    ['numpy==1 --global-option=x', 'option --global-option=x is not supported for one requirement'],
    ['numpy==1 --config-settings=a=b', 'Write in reqset.json: {"build":{"numpy":{"configSettings":{"a":"b"}}}}'],
    ['numpy==1 -C "a=b"', 'Write in reqset.json: {"build":{"numpy":{"configSettings":{"a":"b"}}}}'],
    ['--no-such-option', '--no-such-option is not an option of pip for requirements files\n  Remove it.'],
    ['--index-ulr https://x.example', 'Did you mean --index-url?'],
    ['--no-binary docopt', '"build": {"docopt": {"from": "sdist"}}'],
    ['-r', '--requirement has no value'],
    ['--pre yes', '--pre takes no value'],
    ['numpy-2.4.6-py3-none-any.whl', 'is a path or a URL'],
    ['-e .', 'option "-e ." is not supported'],
  ])('rejects %s', (text, found) => {
    const { message } = errorOf(() => parseRequirementsFile(text, 'r.txt'));
    expect(message).toContain('r.txt:1: ');
    expect(message).toContain(found);
  });

  test('returns options to callers that handle them', () => {
    const { requirements, options } = parseRequirementsFileWithOptions('-rbase.txt\n-c=c.txt\n--pre\nnumpy\n', 'r.txt');
    expect(requirements.map(({ requirement }) => requirement.name)).toEqual(['numpy']);
    expect(options).toEqual([
      { option: '--requirement', value: 'base.txt', line: 1, raw: '-rbase.txt' },
      { option: '--constraint', value: 'c.txt', line: 2, raw: '-c=c.txt' },
      { option: '--pre', line: 3, raw: '--pre' },
    ]);
  });

  test('accepts a byte order mark and Windows line ends', () => {
    expect(parseRequirementsFile('\uFEFFnumpy\r\nscipy\r\n', 'r.txt').map(({ raw, line }) => [raw, line])).toEqual([
      ['numpy', 1],
      ['scipy', 2],
    ]);
  });
});

function errorOf(run: () => unknown): DistError {
  try {
    run();
  } catch (error) {
    if (error instanceof DistError) return error;
  }
  throw new Error('no DistError was thrown');
}

describe('credentials in a URL are not shown', () => {
  test.each([
    '--extra-index-url https://user:secret@index.example/simple',
    '--extra-index-url \\\n https://user:secret@index.example/simple',
    '--no-index https://user:secret@index.example/simple',
    '--hosts https://user:secret@index.example/simple',
    'demo == https://user:secret@index.example',
    'demo @ https://user:secret@index.example/x y z',
    'https://user:secret@index.example/demo.whl',
    'demo --hash=https://user:secret@index.example',
    'demo --opt https://user:secret@index.example',
    '${X} https://user:secret@index.example',
  ])('%j', (text) => {
    try {
      parseRequirementsFile(text, 'requirements.txt');
    } catch (error) {
      expect(error).toBeInstanceOf(DistError);
      expect(inspect(error, { depth: 9 })).not.toMatch(/secret|user:/);
      return;
    }
    expect.unreachable();
  });
});
