import { describe, expect, test } from 'vitest';
import { declaredLicense } from './declared-license.js';

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
  ])('%j', (metadata, expected) => {
    expect(declaredLicense({ classifiers: [], ...metadata })).toEqual(expected);
  });
});
