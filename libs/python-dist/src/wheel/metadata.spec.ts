import { describe, expect, test } from 'vitest';
import { parseMetadata } from './metadata.js';
import { askPython, packagingPython } from '@pinpack/testing';
import { parseWheelMetadata } from './wheel-metadata.js';

/** The METADATA of all distributions of this Python, and of ensurepip's wheels. */
const READ_INSTALLED = `
import glob, importlib.metadata, os, zipfile
from packaging.metadata import parse_email
texts = [d.read_text("METADATA") for d in importlib.metadata.distributions()]
import ensurepip
for path in glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "*.whl")):
    with zipfile.ZipFile(path) as wheel:
        for name in wheel.namelist():
            if name.endswith(".dist-info/METADATA"): texts.append(wheel.read(name).decode("utf-8"))
def describe(text):
    raw, unparsed = parse_email(text)
    return {"text": text, "raw": raw}
results = [describe(text) for text in texts if text]`;

const MINIMAL = 'Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n';

interface RawMetadata {
  readonly metadata_version: string;
  readonly name: string;
  readonly version: string;
  readonly summary?: string;
  readonly description?: string;
  readonly requires_dist?: string[];
  readonly requires_python?: string;
  readonly provides_extra?: string[];
  readonly classifiers?: string[];
  readonly project_urls?: Record<string, string>;
  readonly license_expression?: string;
  readonly license_files?: string[];
  readonly author_email?: string;
}

describe('parseMetadata', () => {
  test('reads installed METADATA as packaging does', async (context) => {
    const python = await packagingPython(context);
    const installed = await askPython<{ text: string; raw: RawMetadata }[]>(python, READ_INSTALLED, null);
    expect(installed.length).toBeGreaterThan(0);
    for (const { text, raw } of installed) {
      const found = parseMetadata(text);
      expect(found.metadataVersion).toBe(raw.metadata_version);
      expect([found.name, found.version, found.summary]).toEqual([raw.name, raw.version, raw.summary]);
      // Line ends are normalized here; packaging keeps those of the body.
      expect(found.description?.trimEnd()).toBe(raw.description?.replaceAll(/\r\n?/g, '\n').trimEnd());
      expect(found.requiresDist).toEqual(raw.requires_dist ?? []);
      expect(found.requiresPython).toBe(raw.requires_python);
      expect(found.providesExtra).toEqual(raw.provides_extra ?? []);
      expect(found.classifiers).toEqual(raw.classifiers ?? []);
      expect(Object.fromEntries(found.projectUrls.map(({ label, url }) => [label, url]))).toEqual(
        raw.project_urls ?? {},
      );
      expect(found.licenseExpression).toBe(raw.license_expression);
      expect(found.licenseFiles).toEqual(raw.license_files ?? []);
      expect(found.authorEmail).toBe(raw.author_email);
    }
  });

  test.each([
    ['License-Expression: MIT\nLicense: other', 'other'],
    ['License: BSD', 'BSD'],
    ['License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License', undefined],
    ['License: BSD 3-Clause License\n second line', 'BSD 3-Clause License'],
  ])('finds the license of %j', (fields, license) => {
    expect(parseMetadata(`${MINIMAL}${fields}\n`).license).toBe(license);
  });

  test.each([
    ['Home-page: https://a.example\nProject-URL: Homepage, https://b.example', 'https://a.example'],
    ['Project-URL: Docs, https://c.example\nProject-URL: Home Page, https://b.example', 'https://b.example'],
    ['Home-page: UNKNOWN\nProject-URL: Docs, https://c.example', 'https://c.example'],
    ['Summary: none', undefined],
  ])('finds the homepage of %j', (fields, homepage) => {
    expect(parseMetadata(`${MINIMAL}${fields}\n`).homepage).toBe(homepage);
  });

  test('reads the description from the field of old tools', () => {
    const text = `${MINIMAL}Description: one\n        two\n       |three\n`;
    expect(parseMetadata(text).description).toBe('one\ntwo\nthree');
  });

  test('reports all issues', () => {
    const text = 'Name: a b\nName: c\nVersion: one\n';
    expect(() => parseMetadata(text)).toThrow(
      [
        'METADATA: 4 problems',
        '  - Metadata-Version occurs 0 times\n    expected once, with a value',
        '  - Name occurs 2 times\n    expected once, with a value',
        '  - Name "a b" is not a valid name',
        '  - Version "one" is not a PEP 440 version',
      ].join('\n'),
    );
  });

  test('rejects a line that is not a field', () => {
    expect(() => parseMetadata('Name: demo\noops\n')).toThrow('METADATA: line 2 is not "Field: value"\n  found "oops"');
  });
});

describe('parseWheelMetadata', () => {
  test('reads the fields', () => {
    const text = 'Wheel-Version: 1.0\nGenerator: x (1)\nRoot-Is-Purelib: true\nTag: py2-none-any\nTag: py3-none-any\n';
    expect(parseWheelMetadata(text)).toEqual({
      wheelVersion: '1.0',
      generator: 'x (1)',
      rootIsPurelib: true,
      tags: ['py2-none-any', 'py3-none-any'],
    });
  });

  test('reports all issues', () => {
    expect(() => parseWheelMetadata('Wheel-Version: 2.0\nRoot-Is-Purelib: maybe\n')).toThrow(
      /^WHEEL: 2 problems\n {2}- Wheel-Version is 2\.0\n.*\n {2}- Root-Is-Purelib is "maybe"/,
    );
  });
});
