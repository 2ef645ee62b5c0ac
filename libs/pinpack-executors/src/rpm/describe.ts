// What an RPM says about itself to people: summary, description, license, URL; from the wheel's METADATA, in the form that rpmlint asks for.
import type { Metadata } from '@pinpack/python-dist';
import type { RpmSpec } from '@pinpack/rpm-gen';

const LINE = 79;

export function describeWheel(
  metadata: Metadata,
  reqset: string,
): Pick<RpmSpec, 'summary' | 'description' | 'license' | 'url'> {
  const { name, version, homepage, projectUrls, license } = metadata;
  const url = [homepage, ...projectUrls.map((project) => project.url)].find((candidate) =>
    /^https?:\/\/\S+$/.test(candidate ?? ''),
  );
  const summary = oneLine(metadata.summary ?? '').replace(/[.\s]+$/, '');
  const about = summary === '' ? `The Python distribution ${name}` : oneLine(metadata.summary ?? '');
  return {
    summary: shorten(summary === '' ? about : summary, LINE),
    description: [
      ...wrap(about, LINE),
      '',
      ...wrap(
        `The Python distribution ${name} ${version}, as the requirement set ${reqset} pins it. It is not importable by the system's Python: applications of ${reqset} put it into their own virtualenvs.`,
        LINE,
      ),
    ].join('\n'),
    license: oneLine(license ?? '') === '' ? 'LicenseRef-Unknown' : shorten(oneLine(license ?? ''), 200),
    ...(url !== undefined && { url }),
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
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
