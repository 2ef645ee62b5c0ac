// The page of `report --html`: reads the data in the document, and shows one set at a time.
import type { PageData, SetData } from '../src/html-report/page-data.js';
import type { Context } from './context.js';
import { dependencies } from './dependencies.js';
import { details } from './details.js';
import { h } from './dom.js';
import { time } from './format.js';
import { licenses, vulnerabilities } from './governance.js';
import { applications, builds, changes, sources } from './lists.js';
import { modelOf } from './model.js';
import { overview, setsTable } from './overview.js';
import { pins } from './pins.js';
import type { Section } from './section.js';
import { sizes } from './sizes.js';

const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as PageData;
const page = document.getElementById('page');

function show(label: string | undefined, shouldScroll: boolean): void {
  const set = data.sets.find((one) => one.label === label) ?? data.sets[0];
  if (page === null || set === undefined) return;
  const context: Context = {
    ...{ data, model: modelOf(set, data.made) },
    open: (pin) => {
      dialog.open(pin);
    },
    locate: (pin) => {
      dialog.element.close();
      graph.locate(pin);
    },
  };
  const dialog = details(context);
  const graph = dependencies(context);
  const isWorkspace = data.sets.length > 1;
  const sections: Section[] = [
    ...(isWorkspace ? [setsTable(data, choose)] : []),
    overview(context),
    pins(context),
    graph,
    sizes(context),
    changes(context),
    vulnerabilities(context),
    licenses(context),
    applications(context),
    builds(context),
    sources(context),
  ];
  page.replaceChildren(
    h('a', { class: 'skip', href: '#main' }, 'Skip to the content'),
    header(set, isWorkspace),
    h(
      'div',
      { class: 'body' },
      h(
        'nav',
        { 'aria-label': 'Sections' },
        h('ul', {}, ...sections.map(({ id, title }) => h('li', {}, h('a', { href: `#${id}` }, title)))),
      ),
      h('main', { id: 'main', tabindex: -1 }, ...sections.map(({ element }) => element)),
    ),
    dialog.element,
  );
  if (shouldScroll) document.getElementById('overview')?.scrollIntoView();
}

function choose(label: string): void {
  show(label, true);
}

function header({ label, target, publication, pins: { length } }: SetData, isWorkspace: boolean): HTMLElement {
  const choice = h(
    'select',
    { id: 'set' },
    ...data.sets.map((set) => h('option', { value: set.label, selected: set.label === label }, set.label)),
  );
  choice.addEventListener('change', () => {
    choose(choice.value);
    document.getElementById('set')?.focus();
  });
  const facts = [
    ...(publication === undefined
      ? target
      : [
          `published ${time(publication.time)}`,
          ...(publication.isLatest ? ['the latest'] : []),
          ...target,
          publication.location,
        ]),
    `${length} pins`,
  ];
  return h(
    'header',
    { class: 'top' },
    h(
      'div',
      {},
      h('h1', {}, data.title),
      h('p', { class: 'target' }, isWorkspace ? `${label}: ` : '', facts.join(' · ')),
    ),
    h(
      'div',
      { class: 'made' },
      isWorkspace && h('p', {}, h('label', { for: 'set' }, 'Set '), choice),
      h('p', {}, `${time(data.made)} · pinpack ${data.version}`),
    ),
  );
}

show(undefined, false);
