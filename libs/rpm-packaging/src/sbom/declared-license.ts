// The licence that METADATA declares, as an SPDX license expression where that is unambiguous (core metadata, "License-Expression"; SPDX 2.3, annex D). Pure.
import parseExpression from 'spdx-expression-parse';
import type { Metadata } from '@pinpack/python-dist';

/** An SPDX license expression, or the words of the distribution if they do not identify a licence. */
export type DeclaredLicense = { expression: string } | { text: string };

/** Common names, and the classifiers of PyPI that stand for one licence. "BSD License" is missing because it may be any of several. */
const NAMES: Readonly<Record<string, string>> = {
  'academic free license (afl)': 'AFL-3.0',
  'apache 2': 'Apache-2.0',
  'apache 2.0': 'Apache-2.0',
  'apache license 2.0': 'Apache-2.0',
  'apache license version 2.0': 'Apache-2.0',
  'apache license, version 2.0': 'Apache-2.0',
  'apache-2': 'Apache-2.0',
  'boost software license 1.0 (bsl-1.0)': 'BSL-1.0',
  'bsd 2-clause': 'BSD-2-Clause',
  'bsd 2-clause license': 'BSD-2-Clause',
  'bsd 3-clause': 'BSD-3-Clause',
  'bsd 3-clause license': 'BSD-3-Clause',
  'bsd-3-clause license': 'BSD-3-Clause',
  'cc0 1.0 universal (cc0 1.0) public domain dedication': 'CC0-1.0',
  'eclipse public license 2.0 (epl-2.0)': 'EPL-2.0',
  'european union public licence 1.2 (eupl 1.2)': 'EUPL-1.2',
  'gnu affero general public license v3': 'AGPL-3.0-only',
  'gnu affero general public license v3 or later (agplv3+)': 'AGPL-3.0-or-later',
  'gnu general public license v2 (gplv2)': 'GPL-2.0-only',
  'gnu general public license v2 or later (gplv2+)': 'GPL-2.0-or-later',
  'gnu general public license v3 (gplv3)': 'GPL-3.0-only',
  'gnu general public license v3 or later (gplv3+)': 'GPL-3.0-or-later',
  'gnu lesser general public license v2 (lgplv2)': 'LGPL-2.0-only',
  'gnu lesser general public license v2 or later (lgplv2+)': 'LGPL-2.0-or-later',
  'gnu lesser general public license v3 (lgplv3)': 'LGPL-3.0-only',
  'gnu lesser general public license v3 or later (lgplv3+)': 'LGPL-3.0-or-later',
  'isc license': 'ISC',
  'isc license (iscl)': 'ISC',
  'mit license': 'MIT',
  'mit no attribution license (mit-0)': 'MIT-0',
  'mozilla public license 1.1 (mpl 1.1)': 'MPL-1.1',
  'mozilla public license 2.0 (mpl 2.0)': 'MPL-2.0',
  'new bsd license': 'BSD-3-Clause',
  'python software foundation license': 'PSF-2.0',
  'the mit license': 'MIT',
  'the mit license (mit)': 'MIT',
  'the unlicense (unlicense)': 'Unlicense',
  'universal permissive license (upl)': 'UPL-1.0',
  'zlib/libpng license': 'Zlib',
};

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
  const known = classified.map((name) => NAMES[name.toLowerCase()]);
  // Several classifiers may be alternatives or may all apply, so only one of them is an answer.
  const [only] = known;
  if (only !== undefined && known.length === 1) return { expression: only };
  return written ?? (classified.length > 0 ? { text: classified.join('; ') } : undefined);
}

/** The licence that a text names: an expression or a well-known name. */
export function licenseOfText(text: string): DeclaredLicense {
  const trimmed = text.trim();
  const named = NAMES[trimmed.toLowerCase()];
  if (named !== undefined) return { expression: named };
  return isExpression(trimmed) ? { expression: trimmed } : { text: trimmed };
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
