// The section of the dependency picture, with the table beside it.
import { pinButton, type Context } from './context.js';
import { button, h, searchField } from './dom.js';
import { count } from './format.js';
import { reach, type Model, type Pin } from './model.js';
import { Picture, ZOOM_STEP } from './picture.js';
import { section, type Section } from './section.js';
import { countColumn, fixedTable, table } from './table.js';

const MOST_USED = 15;

interface Neighbour {
  pin: Pin;
  /** To the selected pin. */
  relation: 'required' | 'needs it' | '';
}

export function dependencies(context: Context): Section & { locate: (pin: number) => void } {
  const { model } = context;
  const picture = new Picture(context);
  const neighbours = table<Neighbour>({
    caption: 'Neighbours of the selected pin, or the most needed pins',
    columns: [
      { title: 'Pin', isHeading: true, value: ({ pin }) => pin.name, cell: ({ pin }) => pinButton(context, pin) },
      {
        title: 'Relation',
        value: ({ relation }) => relation,
        cell: ({ relation }) => h('span', { class: 'nowrap' }, relation),
      },
      countColumn('Requires', ({ pin }) => pin.requires.length, { priority: 2 }),
      countColumn('Needed by', ({ pin }) => pin.dependents.length),
    ],
  });
  const status = h('p', { class: 'status', role: 'status' });
  const search = searchField('picture-search', 'Name of a pin', { list: 'picture-names' });
  const select = (pin: Pin | undefined): void => {
    picture.select(pin?.index);
    neighbours.show(pin === undefined ? mostNeeded(model) : neighboursOf(model, pin));
    status.textContent = describe(model, pin);
    search.value = pin?.name ?? '';
  };
  const find = (): void => {
    const name = search.value.trim().toLowerCase();
    const found =
      model.pins.find((pin) => pin.name === name) ??
      (name === '' ? undefined : model.pins.find((pin) => pin.name.startsWith(name)));
    if (name === '' || found !== undefined) select(found);
    else status.textContent = `No pin begins with “${name}”.`;
  };
  search.addEventListener('change', find);
  picture.onSelect = select;
  select(undefined);
  const made = section(
    'dependencies',
    'Dependencies',
    'From left to right, each pin leads to what it requires. Blue pins are required directly, red borders mark vulnerable pins, dashed ones cycles.',
    h(
      'div',
      { class: 'tools' },
      h('label', { for: 'picture-search' }, 'Find'),
      search,
      h('datalist', { id: 'picture-names' }, ...model.pins.map(({ name }) => h('option', { value: name }))),
      h(
        'div',
        { class: 'buttons', role: 'group', 'aria-label': 'Picture' },
        button(
          '+',
          () => {
            picture.zoom(ZOOM_STEP);
          },
          { 'aria-label': 'Zoom in' },
        ),
        button(
          '−',
          () => {
            picture.zoom(1 / ZOOM_STEP);
          },
          { 'aria-label': 'Zoom out' },
        ),
        button('Whole picture', () => {
          select(undefined);
          picture.fit();
        }),
        model.cycles.length > 0 &&
          button('Cycles', () => {
            picture.showCycles();
          }),
      ),
    ),
    status,
    h('div', { class: 'beside' }, picture.element, neighbours.element),
    cyclesTable(context),
  );
  return {
    ...made,
    locate: (index) => {
      select(model.pins[index]);
      made.element.scrollIntoView();
    },
  };
}

function mostNeeded({ pins }: Model): Neighbour[] {
  const sorted = [...pins].sort((a, b) => b.dependents.length - a.dependents.length);
  return sorted.slice(0, MOST_USED).map((pin) => ({ pin, relation: '' }));
}

function neighboursOf({ pins }: Model, { requires, dependents }: Pin): Neighbour[] {
  const list = (edges: readonly [number, string][], relation: Neighbour['relation']): Neighbour[] =>
    edges.flatMap(([index]) => {
      const pin = pins[index];
      return pin === undefined ? [] : [{ pin, relation }];
    });
  return [...list(requires, 'required'), ...list(dependents, 'needs it')];
}

function describe(model: Model, pin: Pin | undefined): string {
  if (pin === undefined) {
    const edges = model.pins.reduce((total, { requires }) => total + requires.length, 0);
    return `${count(model.pins.length, 'pin')}, ${count(edges, 'requirement')}, ${count(model.cycles.length, 'cycle')}`;
  }
  const leads = reach(model, pin.index, 'dependencies').size;
  return `${pin.name} ${pin.version}: leads to ${count(leads, 'pin')}, needed by ${count(reach(model, pin.index, 'dependents').size, 'pin')}`;
}

function cyclesTable(context: Context): Node {
  const { pins, cycles } = context.model;
  if (cycles.length === 0) return h('p', {}, 'No pins require each other in a cycle.');
  const rows = cycles.map((members) => members.flatMap((index) => pins[index] ?? []));
  return fixedTable(rows, {
    caption: 'Pins that require each other',
    columns: [
      countColumn('Pins', (members) => members.length),
      {
        title: 'Members',
        cell: (members) => h('span', {}, ...members.flatMap((pin) => [pinButton(context, pin), ' '])),
      },
    ],
  });
}
