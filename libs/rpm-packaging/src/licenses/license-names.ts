// The common names of licences: classifiers of PyPI that stand for one licence, and texts that authors write into License. Pure.

/** "BSD", "Apache Software License", "GPL" and "LGPL" are missing: they are families of several licences. */
const NAMES: Readonly<Record<string, string>> = {
  '0bsd': '0BSD',
  '2 clause bsd': 'BSD-2-Clause',
  '3 clause bsd': 'BSD-3-Clause',
  'academic free': 'AFL-3.0',
  'academic free (afl)': 'AFL-3.0',
  'apache 2': 'Apache-2.0',
  'apache 2.0': 'Apache-2.0',
  'apache software 2.0': 'Apache-2.0',
  apache2: 'Apache-2.0',
  'apache2.0': 'Apache-2.0',
  asl2: 'Apache-2.0',
  'asl 2.0': 'Apache-2.0',
  'boost software 1.0': 'BSL-1.0',
  'boost software 1.0 (bsl 1.0)': 'BSL-1.0',
  'bsd 2 clause': 'BSD-2-Clause',
  'bsd 2 clause simplified': 'BSD-2-Clause',
  'bsd 3': 'BSD-3-Clause',
  'bsd 3 clause': 'BSD-3-Clause',
  'bsd 3 clause new or revised': 'BSD-3-Clause',
  'cc0 1.0 universal': 'CC0-1.0',
  'cc0 1.0 universal (cc0 1.0) public domain dedication': 'CC0-1.0',
  'eclipse public 1.0': 'EPL-1.0',
  'eclipse public 1.0 (epl 1.0)': 'EPL-1.0',
  'eclipse public 2.0': 'EPL-2.0',
  'eclipse public 2.0 (epl 2.0)': 'EPL-2.0',
  'european union public 1.2 (eupl 1.2)': 'EUPL-1.2',
  expat: 'MIT',
  'gnu affero general public 3': 'AGPL-3.0-only',
  'gnu affero general public 3 or later (agplv3+)': 'AGPL-3.0-or-later',
  'gnu general public 2 (gplv2)': 'GPL-2.0-only',
  'gnu general public 2 or later (gplv2+)': 'GPL-2.0-or-later',
  'gnu general public 3 (gplv3)': 'GPL-3.0-only',
  'gnu general public 3 or later (gplv3+)': 'GPL-3.0-or-later',
  'gnu lesser general public 2 (lgplv2)': 'LGPL-2.0-only',
  'gnu lesser general public 2 or later (lgplv2+)': 'LGPL-2.0-or-later',
  'gnu lesser general public 3 (lgplv3)': 'LGPL-3.0-only',
  'gnu lesser general public 3 or later (lgplv3+)': 'LGPL-3.0-or-later',
  'agplv3+': 'AGPL-3.0-or-later',
  'gplv2+': 'GPL-2.0-or-later',
  'gplv3+': 'GPL-3.0-or-later',
  'lgplv2.1+': 'LGPL-2.1-or-later',
  'lgplv3+': 'LGPL-3.0-or-later',
  hpnd: 'HPND',
  'historical permission notice and disclaimer (hpnd)': 'HPND',
  isc: 'ISC',
  'isc (iscl)': 'ISC',
  iscl: 'ISC',
  mit: 'MIT',
  'mit (mit)': 'MIT',
  'mit no attribution (mit 0)': 'MIT-0',
  'modified bsd': 'BSD-3-Clause',
  'mozilla public 1.1 (mpl 1.1)': 'MPL-1.1',
  'mozilla public 2.0': 'MPL-2.0',
  'mozilla public 2.0 (mpl 2.0)': 'MPL-2.0',
  'mpl 1.1': 'MPL-1.1',
  'mpl 2': 'MPL-2.0',
  'mpl 2.0': 'MPL-2.0',
  mpl2: 'MPL-2.0',
  'cc0 1.0': 'CC0-1.0',
  'lgpl 2.1+': 'LGPL-2.1-or-later',
  'lgpl 3.0 or later': 'LGPL-3.0-or-later',
  'lgpl 3.0 only': 'LGPL-3.0-only',
  'lgpl 2.1 or later': 'LGPL-2.1-or-later',
  'gpl 3.0 or later': 'GPL-3.0-or-later',
  'gpl 2.0 or later': 'GPL-2.0-or-later',
  'agpl 3.0': 'AGPL-3.0-only',
  'new bsd': 'BSD-3-Clause',
  psf: 'PSF-2.0',
  'psf 2.0': 'PSF-2.0',
  psf2: 'PSF-2.0',
  'python software foundation': 'PSF-2.0',
  'simplified bsd': 'BSD-2-Clause',
  unlicense: 'Unlicense',
  'unlicense (unlicense)': 'Unlicense',
  'universal permissive (upl)': 'UPL-1.0',
  'zlib/libpng': 'Zlib',
  zope: 'ZPL-2.1',
  'zpl 2.1': 'ZPL-2.1',
};

/** The SPDX identifier of a common name, however it is spelled: "The MIT License", "Apache License, Version 2.0". */
export function identifierOfName(text: string): string | undefined {
  const key = normalizeLicenseName(text);
  return Object.hasOwn(NAMES, key) ? NAMES[key] : undefined;
}

/** Without the words and characters that do not distinguish licences. */
function normalizeLicenseName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/\b(?:the|licen[cs]ed?|version)\b|[,"']/g, ' ')
    .replaceAll(/\bv(?:er)?\.?\s*(?=\d)/g, '')
    .replaceAll(/[-_\s]+/g, ' ')
    .replaceAll(/\s+(?=[).])|(?<=\()\s+/g, '')
    .replace(/[\s.]+$/, '')
    .trim();
}
