// Formats an RPM's summary, description, license and URL from the wheel's METADATA, as rpmlint requires.
import { hasControlCharacters, removeControlCharacters } from '@pinpack/common/control-characters';
import type { Metadata } from '@pinpack/python-dist';
import type { RpmSpec } from '@pinpack/rpm-gen';
import { declaredLicense, rpmLicense, type DeclaredLicense } from '../licenses/declared-license.js';

const LINE = 79;

type Description = Pick<RpmSpec, 'summary' | 'description' | 'license' | 'url'>;

/** A project's metadata. `fallback` is used if there is no summary. */
export interface Described {
  summary?: string | undefined;
  fallback: string;
  license: DeclaredLicense | undefined;
  urls: readonly (string | undefined)[];
}

export function describeWheel(metadata: Metadata, reqset: string): Description {
  const { name, version, homepage, projectUrls, summary } = metadata;
  return describe(
    {
      summary,
      fallback: `The Python distribution ${name}`,
      license: declaredLicense(metadata),
      urls: [homepage, ...projectUrls.map(({ url }) => url)],
    },
    `The Python distribution ${name} ${version}, as the requirement set ${reqset} pins it. It is not importable by the system's Python: applications of ${reqset} put it into their own virtualenvs.`,
  );
}

/** @param paragraph - follows the summary in the description */
export function describe({ summary, fallback, license, urls }: Described, paragraph: string): Description {
  const url = urls.find((candidate = '') => /^https?:\/\/\S+$/.test(candidate) && !hasControlCharacters(candidate));
  const title = removeControlCharacters(summary ?? '').replace(/[.\s]+$/, '');
  const about = title === '' ? fallback : removeControlCharacters(summary ?? '');
  return {
    summary: shorten(title === '' ? about : title, LINE),
    description: [...wrap(about, LINE), '', ...wrap(paragraph, LINE)].join('\n'),
    license: rpmLicense(license),
    ...(url !== undefined && { url }),
  };
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/\s+\S*$/, '')}…`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
