// The dependency picture, and the table beside it.
import cytoscape, { type Core, type ElementDefinition, type StylesheetJson } from 'cytoscape';
import { pinButton, type Context } from './context.js';
import { button, h } from './dom.js';
import { count } from './format.js';
import { reach, type Model, type Pin } from './model.js';
import { section, type Section } from './section.js';
import { fixedTable, table } from './table.js';

const ZOOM_STEP = 1.4;
const PAN_STEP = 80;
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
      {
        title: 'Requires',
        isNumber: true,
        priority: 2,
        value: ({ pin }) => pin.requires.length,
        cell: ({ pin }) => String(pin.requires.length),
      },
      {
        title: 'Needed by',
        isNumber: true,
        value: ({ pin }) => pin.dependents.length,
        cell: ({ pin }) => String(pin.dependents.length),
      },
    ],
  });
  const status = h('p', { class: 'status', role: 'status' });
  const search = h('input', {
    type: 'search',
    id: 'picture-search',
    list: 'picture-names',
    placeholder: 'Name of a pin',
    autocomplete: 'off',
    spellcheck: 'false',
  });
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
    'Arrows lead from a pin to what it requires, from left to right. A selected pin shows what it leads to and what leads to it.',
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
      { title: 'Pins', isNumber: true, value: (members) => members.length, cell: (members) => String(members.length) },
      {
        title: 'Members',
        cell: (members) => h('span', {}, ...members.flatMap((pin) => [pinButton(context, pin), ' '])),
      },
    ],
  });
}

class Picture {
  readonly element: HTMLElement;
  onSelect: (pin: Pin | undefined) => void = () => undefined;
  private readonly canvas = h('div', { class: 'canvas' });
  /** Made when the picture comes into view: for a large set it takes a moment. */
  private core: Core | undefined;
  private selected: number | undefined;

  constructor(private readonly context: Context) {
    this.element = h('div', {
      class: 'picture',
      role: 'application',
      tabindex: 0,
      'aria-label':
        'Dependency picture. The arrow keys move it, plus and minus zoom, 0 shows it whole. The table beside it has the same pins.',
    });
    this.element.append(this.canvas);
    this.element.addEventListener('keydown', (event) => {
      if (this.press(event.key)) event.preventDefault();
    });
    new IntersectionObserver(
      (entries, observer) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        this.draw();
      },
      { rootMargin: '200px' },
    ).observe(this.element);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.core?.style(stylesheet());
    });
  }

  select(pin: number | undefined): void {
    this.selected = pin;
    const { core } = this;
    if (core === undefined) return;
    core.batch(() => {
      core.elements().removeClass('dim near chosen');
      if (pin === undefined) return;
      const node = core.getElementById(String(pin));
      const shown = node.union(node.successors()).union(node.predecessors());
      core.elements().not(shown).addClass('dim');
      shown.edges().addClass('near');
      node.addClass('chosen');
    });
    if (pin === undefined) return;
    const node = core.getElementById(String(pin));
    core.animate(
      { fit: { eles: node.closedNeighborhood(), padding: 30 } },
      { duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 250 },
    );
  }

  showCycles(): void {
    this.onSelect(undefined);
    const { core } = this;
    const members = core?.nodes('.cycle');
    if (core === undefined || members === undefined) return;
    core
      .elements()
      .not(members.union(members.edgesWith(members)))
      .addClass('dim');
    core.fit(members, 40);
  }

  zoom(factor: number): void {
    const { core } = this;
    core?.zoom({ level: core.zoom() * factor, renderedPosition: { x: core.width() / 2, y: core.height() / 2 } });
  }

  fit(): void {
    this.core?.fit(undefined, 20);
  }

  /** Whether the key has a meaning. */
  private press(key: string): boolean {
    const actions: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => this.core?.panBy({ x: PAN_STEP, y: 0 }),
      ArrowRight: () => this.core?.panBy({ x: -PAN_STEP, y: 0 }),
      ArrowUp: () => this.core?.panBy({ x: 0, y: PAN_STEP }),
      ArrowDown: () => this.core?.panBy({ x: 0, y: -PAN_STEP }),
      '+': () => {
        this.zoom(ZOOM_STEP);
      },
      '-': () => {
        this.zoom(1 / ZOOM_STEP);
      },
      '0': () => {
        this.fit();
      },
      Escape: () => {
        this.onSelect(undefined);
      },
    };
    const action = actions[key];
    action?.();
    return action !== undefined;
  }

  private draw(): void {
    const { model } = this.context;
    const core = cytoscape({
      container: this.canvas,
      elements: elementsOf(model),
      style: stylesheet(),
      layout: { name: 'preset', padding: 20 },
      minZoom: 0.02,
      maxZoom: 3,
      boxSelectionEnabled: false,
      autoungrabify: true,
      // The wheel scrolls the page: buttons and keys zoom.
      userZoomingEnabled: false,
      // A large picture stays fluent.
      textureOnViewport: model.pins.length > 500,
      hideEdgesOnViewport: model.pins.length > 500,
    });
    core.on('tap', 'node', ({ target }: { target: { id: () => string } }) => {
      this.onSelect(model.pins[Number(target.id())]);
    });
    core.on('tap', ({ target }: { target: unknown }) => {
      if (target === core) this.onSelect(undefined);
    });
    this.canvas.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
      },
      { passive: false },
    );
    this.core = core;
    if (this.selected !== undefined) this.select(this.selected);
  }
}

function elementsOf({ pins, cycles }: Model): ElementDefinition[] {
  const inCycle = new Set(cycles.flat());
  const nodes = pins.map((pin): ElementDefinition => {
    const classes = [
      ...(pin.roots.length > 0 ? ['direct'] : []),
      ...(pin.vulnerabilities.length > 0 ? ['vulnerable'] : []),
      ...(inCycle.has(pin.index) ? ['cycle'] : []),
    ];
    const [x, y] = pin.at;
    return {
      data: { id: String(pin.index), label: pin.name.length > 24 ? `${pin.name.slice(0, 23)}…` : pin.name },
      position: { x, y },
      classes,
    };
  });
  const edges = pins.flatMap(({ index, requires }) =>
    [...new Set(requires.map(([target]) => target))].map((target): ElementDefinition => ({
      data: { id: `${index}-${target}`, source: String(index), target: String(target) },
      classes:
        inCycle.has(index) && cycles.some((members) => members.includes(index) && members.includes(target))
          ? ['cycle']
          : [],
    })),
  );
  return [...nodes, ...edges];
}

function stylesheet(): StylesheetJson {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return [
    {
      selector: 'node',
      style: {
        shape: 'round-rectangle',
        width: 180,
        height: 24,
        label: 'data(label)',
        'font-size': 13,
        'font-family': 'system-ui, sans-serif',
        'text-valign': 'center',
        'text-halign': 'center',
        'min-zoomed-font-size': 5,
        color: color('text'),
        'background-color': color('surface-2'),
        'border-width': 1,
        'border-color': color('line-strong'),
      },
    },
    { selector: 'node.direct', style: { 'background-color': color('accent-soft'), 'border-color': color('accent') } },
    { selector: 'node.vulnerable', style: { 'border-color': color('bad'), 'border-width': 3 } },
    { selector: 'node.cycle', style: { 'border-style': 'dashed', 'border-width': 2 } },
    {
      selector: 'edge',
      style: {
        width: 1,
        'line-color': color('line-strong'),
        'target-arrow-color': color('line-strong'),
        'target-arrow-shape': 'triangle',
        'arrow-scale': 0.7,
        'curve-style': 'bezier',
        'source-endpoint': '90deg',
        'target-endpoint': '270deg',
      },
    },
    {
      selector: 'edge.cycle',
      style: { 'line-style': 'dashed', 'line-color': color('warn'), 'target-arrow-color': color('warn') },
    },
    {
      selector: 'edge.near',
      style: { 'line-color': color('accent'), 'target-arrow-color': color('accent'), width: 1.6 },
    },
    { selector: '.dim', style: { opacity: 0.1 } },
    {
      selector: 'node.chosen',
      style: { 'background-color': color('accent'), color: color('on-accent'), 'font-weight': 'bold' },
    },
  ];
}
