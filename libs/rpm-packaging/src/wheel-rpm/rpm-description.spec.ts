import { hasControlCharactersInLines } from '@pinpack/common/control-characters';
import { parseMetadata } from '@pinpack/python-dist';
import { describe, expect, test } from 'vitest';
import { describeWheel } from './rpm-description.js';

function describeFields(...fields: string[]) {
  const head = ['Metadata-Version: 2.4', 'Name: Demo', 'Version: 1.0'];
  return describeWheel(parseMetadata([...head, ...fields, ''].join('\n')), 'reqset3');
}

describe('describeWheel', () => {
  test('takes summary, license and URL from the metadata', () => {
    const found = describeFields(
      'Summary: Does things.',
      'License-Expression: MIT',
      'Home-page: https://demo.example/',
    );
    expect(found).toEqual({
      summary: 'Does things',
      description: [
        'Does things.',
        '',
        'The Python distribution Demo 1.0, as the requirement set reqset3 pins it. It is',
        "not importable by the system's Python: applications of reqset3 put it into",
        'their own virtualenvs.',
      ].join('\n'),
      license: 'MIT',
      url: 'https://demo.example/',
    });
  });

  test('has defaults for missing metadata', () => {
    const { summary, license, url } = describeFields();
    expect({ summary, license, url }).toEqual({
      summary: 'The Python distribution Demo',
      license: 'LicenseRef-Unknown',
      url: undefined,
    });
  });

  test('has a summary of one line, without a full stop, within 79 characters', () => {
    const long = `Words ${'and words '.repeat(20)}`;
    const { summary } = describeFields(`Summary: ${long}`);
    expect(summary.length).toBeLessThanOrEqual(79);
    expect(summary).toMatch(/^Words and words .*(?:and|words)…$/);
    expect(describeFields('Summary: Really...').summary).toBe('Really');
    expect(describeFields('Summary: ...').summary).toBe('The Python distribution Demo');
    expect(describeFields(`Summary: ${'x'.repeat(100)}`).summary).toHaveLength(79);
  });

  test('wraps the description at 79 characters', () => {
    const { description } = describeFields(`Summary: ${'some words '.repeat(40)}`);
    expect(description.split('\n').filter((line) => line.length > 79)).toEqual([]);
  });

  test('has the first URL that is one', () => {
    const { url } = describeFields(
      'Home-page: UNKNOWN',
      'Project-URL: Docs, not a url',
      'Project-URL: Code, http://c.example',
    );
    expect(url).toBe('http://c.example');
  });

  test('has a license that is an SPDX expression', () => {
    expect(describeFields('License: BSD 3-Clause   License').license).toBe('BSD-3-Clause');
    expect(describeFields('Classifier: License :: OSI Approved :: MIT License').license).toBe('MIT');
    expect(describeFields('License: BSD').license).toBe('LicenseRef-BSD');
  });

  test('has no control characters, whatever the metadata holds', () => {
    const hostile = 'A\u0000 \u001b[31mred\u000b \u009b31m\u202eevil\u2066 \u007fone';
    const { summary, license, url, description } = describeFields(
      `Summary: ${hostile}`,
      `License: ${hostile}`,
      'Home-page: https://a.example/\u001b]0;title\u0007',
      'Project-URL: Code, https://b.example/\u202egpj.exe',
      'Project-URL: Docs, https://c.example/',
    );
    expect(summary).toBe('A [31mred 31mevil one');
    expect(license).toBe('LicenseRef-A-31mred-31m-evil-one');
    expect(url).toBe('https://c.example/');
    expect(hasControlCharactersInLines(description)).toBe(false);
  });
});
