import { describe, expect, test } from 'vitest';
import parseExpression from 'spdx-expression-parse';
import { declaredLicense, licenseOfText, rpmLicense } from './declared-license.js';

describe('declaredLicense', () => {
  const osi = (name: string) => `License :: OSI Approved :: ${name}`;
  test.each([
    [
      { licenseExpression: 'MIT AND (Apache-2.0 OR BSD-2-Clause)' },
      { expression: 'MIT AND (Apache-2.0 OR BSD-2-Clause)' },
    ],
    [{ licenseExpression: 'not an expression' }, { text: 'not an expression' }],
    [{ license: 'BSD-3-Clause' }, { expression: 'BSD-3-Clause' }],
    [{ license: 'Apache License, Version 2.0' }, { expression: 'Apache-2.0' }],
    // "BSD" is not a licence, but a family.
    [{ license: 'BSD', classifiers: [osi('BSD License')] }, { text: 'BSD' }],
    [{ license: 'see LICENSE', classifiers: [osi('MIT License')] }, { expression: 'MIT' }],
    [{ classifiers: ['License :: OSI Approved', osi('ISC License (ISCL)')] }, { expression: 'ISC' }],
    // Either of two or both: nobody knows.
    [
      { classifiers: [osi('MIT License'), osi('Apache Software License')] },
      { text: 'MIT License; Apache Software License' },
    ],
    [{ classifiers: ['Programming Language :: Python'] }, undefined],
    // The first line of a text, beside a classifier that says less.
    [{ license: 'BSD 3-Clause License', classifiers: [osi('BSD License')] }, { expression: 'BSD-3-Clause' }],
  ])('%j', (metadata, expected) => {
    expect(declaredLicense({ classifiers: [], ...metadata })).toEqual(expected);
  });
});

describe('a free text', () => {
  test.each([
    ['MIT', 'MIT'],
    ['mit', 'MIT'],
    ['The MIT License (MIT)', 'MIT'],
    ['Expat license', 'MIT'],
    ['Apache License, Version 2.0', 'Apache-2.0'],
    ['Apache 2.0 License', 'Apache-2.0'],
    ['Apache Software License 2.0', 'Apache-2.0'],
    ['apache-2.0', 'Apache-2.0'],
    ['Apache License v2.0', 'Apache-2.0'],
    ['3-Clause BSD License', 'BSD-3-Clause'],
    ['BSD 3-Clause "New" or "Revised" License', 'BSD-3-Clause'],
    ['new BSD', 'BSD-3-Clause'],
    ['MPL 2.0', 'MPL-2.0'],
    ['Mozilla Public License 2.0 (MPL 2.0)', 'MPL-2.0'],
    ['LGPLv3+', 'LGPL-3.0-or-later'],
    ['GNU Lesser General Public License v3 or later (LGPLv3+)', 'LGPL-3.0-or-later'],
    ['PSF-2.0', 'PSF-2.0'],
    ['Python Software Foundation License', 'PSF-2.0'],
    ['ISC license', 'ISC'],
    ['Zope Public License', undefined],
    ['ZPL 2.1', 'ZPL-2.1'],
    ['MIT and BSD-3-Clause', 'MIT AND BSD-3-Clause'],
    ['MIT License or Apache License 2.0', 'MIT OR Apache-2.0'],
    ['MIT or ISC and Zlib', 'MIT OR ISC AND Zlib'],
    ['MIT License or ISC and Zlib', undefined],
    ['MIT and BSD', undefined],
    ['BSD', undefined],
    ['BSD License', undefined],
    ['Apache', undefined],
    ['GPL', undefined],
    ['Dual License', undefined],
    ['constructor', undefined],
  ])('%j is %j', (text, expected) => {
    expect(licenseOfText(text)).toEqual(expected === undefined ? { text } : { expression: expected });
  });
});

test.each([
  [undefined, 'LicenseRef-Unknown'],
  [{ expression: 'MIT OR Apache-2.0' }, 'MIT OR Apache-2.0'],
  [{ text: 'BSD' }, 'LicenseRef-BSD'],
  [{ text: ' Dual (see "LICENSE") \u001b[31m' }, 'LicenseRef-Dual-see-LICENSE-31m'],
  [{ text: '\u8bb8\u53ef' }, 'LicenseRef-Unknown'],
  [{ text: 'very long '.repeat(20) }, 'LicenseRef-Unknown'],
])('the License of an RPM for %j is %s, an SPDX expression', (declared, expected) => {
  expect(rpmLicense(declared)).toBe(expected);
  expect(() => parseExpression(expected)).not.toThrow();
});
