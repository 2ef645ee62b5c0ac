// The table of pins, with its filters.
import { pinButton, type Context } from './context.js';
import { h, searchField } from './dom.js';
import { age, count, days, number, shorten, UNKNOWN } from './format.js';
import { isBuilt, ORIGINS, SEVERITIES, worst, type Pin } from './model.js';
import { section, type Section } from './section.js';
import { sizeColumn, table, type Column } from './table.js';

const FILTERS: readonly { title: string; matches: (pin: Pin) => boolean }[] = [
  { title: 'Vulnerable', matches: ({ vulnerabilities }) => vulnerabilities.length > 0 },
  { title: 'Newer version', matches: ({ newest }) => newest !== undefined },
  { title: 'From source', matches: isBuilt },
  { title: 'Required directly', matches: ({ roots }) => roots.length > 0 },
  {
    title: 'Licence unclear',
    matches: ({ license }) => license?.isExpression !== true || license.problem !== undefined,
  },
];

export function pins(context: Context): Section {
  const { model } = context;
  const made = table({
    caption: 'Pins',
    isCaptionHidden: true,
    columns: columnsOf(context),
    sort: { column: 0, isDown: false },
    empty: 'No pin matches.',
  });
  const status = h('p', { class: 'status', role: 'status' });
  const search = searchField('pin-filter', 'Name, summary or licence');
  const filters = FILTERS.filter(({ matches }) => model.pins.some(matches)).map(({ title, matches }) => {
    const input = h('input', { type: 'checkbox' });
    return { matches, input, element: h('label', { class: 'chip' }, input, h('span', {}, title)) };
  });
  const draw = (): void => {
    const words = search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const chosen = filters.filter(({ input }) => input.checked);
    const shown = model.pins.filter((pin) => {
      const text = `${pin.name} ${pin.version} ${pin.summary ?? ''} ${pin.license?.text ?? ''}`.toLowerCase();
      return words.every((word) => text.includes(word)) && chosen.every(({ matches }) => matches(pin));
    });
    made.show(shown);
    status.textContent =
      shown.length === model.pins.length
        ? count(shown.length, 'pin')
        : `${number(shown.length)} of ${count(model.pins.length, 'pin')}`;
  };
  search.addEventListener('input', draw);
  for (const { input } of filters) input.addEventListener('change', draw);
  draw();
  return section(
    'pins',
    'Pins',
    'The name of a pin opens its details: why it is here, what it requires, its files and links.',
    h(
      'div',
      { class: 'tools', role: 'search', 'aria-label': 'Pins' },
      h('label', { for: 'pin-filter' }, 'Filter'),
      search,
      h('div', { class: 'chips', role: 'group', 'aria-label': 'Show only' }, ...filters.map(({ element }) => element)),
    ),
    status,
    made.element,
  );
}

function columnsOf(context: Context): Column<Pin>[] {
  const { model } = context;
  const has = (key: 'delta' | 'installed' | 'uploaded' | 'newest'): boolean =>
    model.pins.some((pin) => pin[key] !== undefined);
  return [
    { title: 'Pin', isHeading: true, value: ({ name }) => name, cell: (pin) => nameOf(context, pin) },
    { title: 'Version', value: ({ version }) => version, cell: versionOf },
    sizeColumn('Download', ({ download }) => download),
    ...(has('installed') ? [sizeColumn<Pin>('Installed', ({ installed }) => installed, { priority: 3 })] : []),
    ...(has('delta') ? [sizeColumn<Pin>('Delta', ({ delta }) => delta, { priority: 3 })] : []),
    { title: 'Licence', priority: 2, value: ({ license }) => license?.text, cell: licenseOf },
    { title: 'Origin', priority: 3, value: ({ origin }) => ORIGINS[origin], cell: ({ origin }) => ORIGINS[origin] },
    ...(has('uploaded')
      ? [
          {
            title: 'Age',
            isNumber: true,
            priority: 2 as const,
            value: ({ uploaded }: Pin) => (uploaded === undefined ? undefined : days(uploaded, model.made)),
            cell: ({ uploaded }: Pin) => (uploaded === undefined ? UNKNOWN : age(uploaded, model.made)),
          },
        ]
      : []),
    ...(has('newest')
      ? [
          {
            title: 'Newest',
            priority: 2 as const,
            value: ({ newest }: Pin) => newest,
            cell: ({ newest }: Pin) => newest ?? '',
          },
        ]
      : []),
    { title: 'Needed by', isNumber: true, priority: 3, value: ({ dependents }) => dependents.length, cell: neededBy },
    {
      title: 'Security',
      priority: 2,
      value: (pin) => (pin.vulnerabilities.length === 0 ? undefined : SEVERITIES.indexOf(worst(pin) ?? '')),
      cell: (pin) => severityBadge(worst(pin), pin.vulnerabilities.length),
    },
  ];
}

/** On small screens with what other columns have on larger ones. */
function nameOf(context: Context, pin: Pin): Node {
  const severity = worst(pin);
  return h(
    'span',
    {},
    pinButton(context, pin),
    severity !== undefined && h('span', { class: 'to-1' }, severityBadge(severity, pin.vulnerabilities.length)),
  );
}

function versionOf({ version, newest }: Pin): Node {
  return h('span', { class: 'version' }, version, newest !== undefined && h('span', { class: 'to-1' }, `→ ${newest}`));
}

function licenseOf({ license }: Pin): Node | string {
  if (license === undefined) return UNKNOWN;
  const { text, isExpression, problem } = license;
  const shown = shorten(text, 40);
  if (problem !== undefined) return h('span', { class: 'badge bad', title: problem }, `${shown}: refused`);
  return isExpression ? shown : h('span', { class: 'unclear', title: 'not an SPDX license expression' }, `“${shown}”`);
}

function neededBy({ dependents, roots }: Pin): string {
  if (dependents.length === 0) return roots.length > 0 ? 'directly' : UNKNOWN;
  return number(dependents.length);
}

export function severityBadge(severity: string | undefined, many: number): Node | string {
  if (severity === undefined) return '';
  const state = severity === 'critical' || severity === 'high' ? 'bad' : 'warn';
  return h('span', { class: `badge ${state}` }, many > 1 ? `${many} × ${severity}` : severity);
}
