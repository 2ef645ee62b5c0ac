// The dependency picture.
import cytoscape, { type Core } from 'cytoscape';
import type { Context } from './context.js';
import { h } from './dom.js';
import type { Pin } from './model.js';
import { elementsOf, stylesheet } from './picture-elements.js';

export const ZOOM_STEP = 1.4;
const PAN_STEP = 80;
/** From this number of pins on, speed goes before looks. */
const LARGE = 500;

/** Drawn on a canvas by cytoscape; moved by the pointer, buttons and keys. */
export class Picture {
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
      this.core?.style(stylesheet(this.isLarge));
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

  private get isLarge(): boolean {
    return this.context.model.pins.length > LARGE;
  }

  private draw(): void {
    const { model } = this.context;
    const core = cytoscape({
      container: this.canvas,
      elements: elementsOf(model),
      style: stylesheet(this.isLarge),
      layout: { name: 'preset', padding: 20 },
      minZoom: 0.02,
      maxZoom: 3,
      boxSelectionEnabled: false,
      autoungrabify: true,
      // The wheel scrolls the page: buttons and keys zoom.
      userZoomingEnabled: false,
      // A large picture stays fluent.
      textureOnViewport: this.isLarge,
      hideEdgesOnViewport: this.isLarge,
      ...(this.isLarge && { pixelRatio: 1 }),
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
