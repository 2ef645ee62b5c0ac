// The treemap of sizes, and the table of the largest pins.
import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy';
import { pinButton, type Context } from './context.js';
import { h, svg } from './dom.js';
import { bytes, count, percent } from './format.js';
import { sum, type Model, type Pin } from './model.js';
import { section, type Section } from './section.js';
import { bar, sizeColumn, table } from './table.js';

const METRICS = [
  { key: 'download', title: 'Download', about: 'sizes of the wheels' },
  { key: 'installed', title: 'Installed', about: 'sizes of the files in the wheels' },
  { key: 'rpm', title: 'RPM', about: 'sizes of the RPMs' },
  { key: 'delta', title: 'Delta', about: 'sizes of the smallest delta RPMs' },
] as const;
type Metric = (typeof METRICS)[number]['key'];

const LARGEST = 20;
/** Width of a character of the labels, roughly. */
const CHARACTER = 7;

interface Group {
  title: string;
  pins: Pin[];
}

export function sizes(context: Context): Section {
  const { model } = context;
  const known = METRICS.filter(({ key }) => model.pins.some((pin) => pin[key] !== undefined));
  if (known.length === 0)
    return section('sizes', 'Sizes', 'No sizes are known: nothing is built, and the lock has no wheels.');
  const groups = groupsOf(model);
  let metric: Metric = known[0]?.key ?? 'download';
  const holder = h('div', { class: 'treemap' });
  const status = h('p', { class: 'status', role: 'status' });
  const largest = table<{ pin: Pin; size: number; total: number }>({
    caption: `The ${LARGEST} largest pins`,
    columns: [
      { title: 'Pin', isHeading: true, value: ({ pin }) => pin.name, cell: ({ pin }) => pinButton(context, pin) },
      sizeColumn('Size', ({ size }) => size),
      { title: 'Share', cell: ({ size, total }) => shareCell(size, total) },
    ],
  });
  const draw = (): void => {
    const total = sum(model.pins.map((pin) => pin[metric]));
    const sized = model.pins.filter((pin) => (pin[metric] ?? 0) > 0);
    const about = METRICS.find(({ key }) => key === metric)?.about ?? '';
    status.textContent = `${bytes(total)} in ${count(sized.length, 'pin')}: ${about}${sized.length < model.pins.length ? `; unknown for ${model.pins.length - sized.length}` : ''}`;
    holder.replaceChildren(treemapOf(context, groups, { metric, width: holder.clientWidth }));
  };
  const show = (): void => {
    draw();
    const total = sum(model.pins.map((pin) => pin[metric]));
    const rows = model.pins.flatMap((pin) => {
      const size = pin[metric];
      return size === undefined ? [] : [{ pin, size, total }];
    });
    largest.show(rows.sort((a, b) => b.size - a.size).slice(0, LARGEST));
  };
  const choices = known.map(({ key, title }) => {
    const input = h('input', { type: 'radio', name: 'metric', value: key, checked: key === metric });
    input.addEventListener('change', () => {
      metric = key;
      show();
    });
    return h('label', { class: 'chip' }, input, h('span', {}, title));
  });
  let width = 0;
  new ResizeObserver(() => {
    if (holder.clientWidth === width) return;
    width = holder.clientWidth;
    draw();
  }).observe(holder);
  show();
  return section(
    'sizes',
    'Sizes',
    '',
    h('fieldset', { class: 'chips' }, h('legend', { class: 'hidden' }, 'Size'), ...choices),
    status,
    groups.length > 1 &&
      h('ul', { class: 'legend' }, ...groups.map(({ title }, at) => h('li', { class: `group-${at}` }, title))),
    h('div', { class: 'beside' }, holder, largest.element),
  );
}

function shareCell(size: number, total: number): Node {
  return h('span', { class: 'with-bar' }, bar(total === 0 ? 0 : size / total), percent(size, total));
}

/** By what pulls them in: each application alone, several of them, or only requirements.txt. The CSS has colours for six groups. */
function groupsOf({ pins, applications }: Model): Group[] {
  if (applications.length === 0) return [{ title: 'all pins', pins }];
  const alone = applications.slice(0, 4).map(({ name }, at) => ({
    title: applications.length === 1 ? name : `only ${name}`,
    pins: pins.filter((pin) => pin.applications.length === 1 && pin.applications[0] === at),
  }));
  const own = new Set(alone.flatMap((group) => group.pins));
  const rest = pins.filter((pin) => !own.has(pin));
  return [
    ...alone,
    { title: 'several applications', pins: rest.filter((pin) => pin.applications.length > 0) },
    { title: 'requirements only', pins: rest.filter((pin) => pin.applications.length === 0) },
  ].filter((group) => group.pins.length > 0);
}

type Datum = { children: Datum[] } | { pin: Pin; group: number };

function treemapOf(
  context: Context,
  groups: readonly Group[],
  { metric, width: available }: { metric: Metric; width: number },
): SVGElement {
  const width = Math.max(available, 280);
  const height = Math.round(Math.min(460, Math.max(300, width * 0.6)));
  const data: Datum = {
    children: groups.map((group, at) => ({ children: group.pins.map((pin) => ({ pin, group: at })) })),
  };
  const root = hierarchy<Datum>(data, (datum) => ('children' in datum ? datum.children : undefined))
    .sum((datum) => ('pin' in datum ? (datum.pin[metric] ?? 0) : 0))
    .sort((a, b) => (b.value ?? 0) - (a.value ?? 0));
  const placed = treemap<Datum>().tile(treemapSquarify).size([width, height]).paddingInner(1).round(true)(root);
  const total = root.value ?? 0;
  const cells = placed.leaves().flatMap(({ data: datum, x0, y0, x1, y1, value = 0 }) => {
    if (!('pin' in datum) || x1 - x0 < 1 || y1 - y0 < 1) return [];
    const { pin, group } = datum;
    const cell = svg(
      'g',
      { class: `cell group-${group}` },
      svg('title', {}, `${pin.name} ${pin.version}: ${bytes(value)}, ${percent(value, total)}`),
      svg('rect', { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }),
      ...labelOf(pin, value, { x: x0, y: y0, width: x1 - x0, height: y1 - y0 }),
    );
    cell.addEventListener('click', () => {
      context.open(pin.index);
    });
    return [cell];
  });
  return svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': `Treemap of ${metric} sizes. The table beside it lists the largest pins.`,
    },
    ...cells,
  );
}

function labelOf(
  { name }: Pin,
  value: number,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): SVGElement[] {
  if (height < 18 || width < name.length * CHARACTER + 8) return [];
  const label = svg('text', { x: x + 5, y: y + 14 }, name);
  return height < 34 ? [label] : [label, svg('text', { x: x + 5, y: y + 29, class: 'size' }, bytes(value))];
}
