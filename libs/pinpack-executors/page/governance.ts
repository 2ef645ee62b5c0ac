// The sections of vulnerabilities and licences.
import { pinButton, type Context } from './context.js';
import { h, link } from './dom.js';
import { shorten } from './format.js';
import { SEVERITIES, type Pin } from './model.js';
import { severityBadge } from './pins.js';
import { section, type Section } from './section.js';
import { countColumn, fixedTable } from './table.js';

export function vulnerabilities(context: Context): Section {
  const { model } = context;
  const source = model.sources.find(({ name }) => name === 'vulnerabilities');
  return section(
    'vulnerabilities',
    'Vulnerabilities',
    source === undefined || source.isMissing ? `Not audited: ${source?.text ?? ''}` : `Source: ${source.text}.`,
    fixedTable(model.vulnerabilities, {
      caption: 'Known vulnerabilities',
      isCaptionHidden: true,
      empty: source?.isMissing === false ? 'No vulnerability is known.' : 'Unknown.',
      sort: { column: 0, isDown: false },
      columns: [
        {
          title: 'Severity',
          value: ({ severity, exception }) =>
            SEVERITIES.indexOf(severity) + (exception === undefined ? 0 : SEVERITIES.length),
          cell: ({ severity, exception }) =>
            exception === undefined ? severityBadge(severity, 1) : h('span', { class: 'badge' }, 'excepted'),
        },
        {
          title: 'Pin',
          isHeading: true,
          value: ({ pin }) => model.pins[pin]?.name,
          cell: ({ pin }) => {
            const found = model.pins[pin];
            return found === undefined ? '' : h('span', {}, pinButton(context, found), ` ${found.version}`);
          },
        },
        { title: 'Vulnerability', value: ({ id }) => id, cell: ({ id, url }) => link(id, url) },
        { title: 'Fixed in', value: ({ fixed }) => fixed[0], cell: ({ fixed }) => fixed[0] ?? 'no fix' },
        {
          title: 'Summary',
          priority: 2,
          cell: ({ summary, exception }) => (exception === undefined ? summary : `${summary} (${exception})`),
        },
      ],
    }),
  );
}

export function licenses({ model }: Context): Section {
  const groups = new Map<string, Pin[]>();
  for (const pin of model.pins) {
    const text = pin.license?.text ?? 'unknown';
    groups.set(text, [...(groups.get(text) ?? []), pin]);
  }
  return section(
    'licenses',
    'Licences',
    'As the distributions declare them; what wheels bundle is in the SBOM.',
    fixedTable([...groups], {
      caption: 'Licences',
      isCaptionHidden: true,
      sort: { column: 1, isDown: true },
      columns: [
        {
          title: 'Licence',
          isHeading: true,
          value: ([text]) => text,
          cell: ([text]) => shorten(text, 80),
        },
        countColumn('Pins', ([, pins]) => pins.length),
        {
          title: 'Policy',
          cell: ([, pins]) => {
            const refused = pins.filter(({ license }) => license?.problem !== undefined);
            return refused.length === 0 ? '' : h('span', { class: 'badge bad' }, `${refused.length} refused`);
          },
        },
        { title: 'Names', priority: 2, cell: ([, pins]) => namesOf(pins) },
      ],
    }),
  );
}

function namesOf(pins: readonly Pin[]): string {
  const shown = pins
    .slice(0, 8)
    .map(({ name }) => name)
    .join(', ');
  return pins.length > 8 ? `${shown} and ${pins.length - 8} more` : shown;
}
