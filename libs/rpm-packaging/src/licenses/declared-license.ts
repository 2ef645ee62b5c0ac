// The licence that METADATA declares, as an SPDX license expression where that is unambiguous (core metadata, "License-Expression"; SPDX 2.3, annex D). Pure.
import parseExpression from 'spdx-expression-parse';
import type { Metadata } from '@pinpack/python-dist';
import { identifierOfName } from './license-names.js';

/** An SPDX license expression, or the words of the distribution if they do not identify a licence. */
export type DeclaredLicense = { expression: string } | { text: string };

/** Licences without a name of their own; a more precise classifier beside them decides. */
const GENERAL = new Set(['OSI Approved']);

/** Undefined if the distribution declares none. */
export function declaredLicense({
  licenseExpression,
  license,
  classifiers,
}: Pick<Metadata, 'licenseExpression' | 'license' | 'classifiers'>): DeclaredLicense | undefined {
  if (licenseExpression !== undefined) return licenseOfText(licenseExpression);
  const written = license === undefined ? undefined : licenseOfText(license);
  if (written !== undefined && 'expression' in written) return written;
  const classified = classifiers
    .filter((classifier) => classifier.startsWith('License :: '))
    .map((classifier) => classifier.split(' :: ').at(-1) ?? '')
    .filter((name) => !GENERAL.has(name));
  const known = classified.map((name) => identifierOfName(name));
  // Several classifiers may be alternatives or may all apply, so only one of them is an answer.
  const [only] = known;
  if (only !== undefined && known.length === 1) return { expression: only };
  return written ?? (classified.length > 0 ? { text: classified.join('; ') } : undefined);
}

/** The licence that a text names: an expression, a well-known name, or several of them with "and" or "or". */
export function licenseOfText(text: string): DeclaredLicense {
  const trimmed = text.trim();
  const expression = expressionOf(trimmed);
  return expression === undefined ? { text: trimmed } : { expression };
}

function expressionOf(text: string): string | undefined {
  // PEP 639 writes operators in upper case.
  if (isExpression(text)) return text.replaceAll(/\s+(?:and|or|with)\s+/gi, (word) => ` ${word.trim().toUpperCase()} `);
  const single = identifierOfName(text);
  if (single !== undefined) return single;
  // Of both words, nobody knows which one binds first.
  for (const word of ['and', 'or']) {
    const parts = text.split(new RegExp(`\\s+${word}\\s+`, 'i'));
    if (parts.length < 2) continue;
    const known = parts.map((part) => (isExpression(part) ? part : identifierOfName(part)));
    return known.includes(undefined) ? undefined : known.join(` ${word.toUpperCase()} `);
  }
  return undefined;
}

export function isExpression(text: string): boolean {
  try {
    parseExpression(text);
    return true;
  } catch {
    return false;
  }
}

/** `MIT`, or the words in quotation marks. */
export function formatLicense(license: DeclaredLicense | undefined): string {
  if (license === undefined) return 'no licence';
  return 'expression' in license ? license.expression : JSON.stringify(license.text);
}

/** The License of an RPM, always an SPDX expression: what SPDX does not know becomes a reference (SPDX 2.3, clause 10) in the author's words. */
export function rpmLicense(license: DeclaredLicense | undefined): string {
  if (license === undefined) return UNKNOWN;
  if ('expression' in license) return license.expression;
  const words = license.text.replaceAll(/[^A-Za-z0-9.]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return words === '' || words.length > LONGEST_REFERENCE ? UNKNOWN : `LicenseRef-${words}`;
}

const UNKNOWN = 'LicenseRef-Unknown';
/** Longer ones are sentences, not names. */
const LONGEST_REFERENCE = 60;
