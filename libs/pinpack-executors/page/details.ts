// The dialog with the details of a pin.
import { pinButton, type Context } from './context.js';
import { button, h, link } from './dom.js';
import { age, bytes, count, date, duration } from './format.js';
import { ORIGINS, reach, routesTo, type Pin, type Route } from './model.js';
import { severityBadge } from './pins.js';

const ROUTES = 8;
const LISTED = 60;

export function details(context: Context): { element: HTMLDialogElement; open: (pin: number) => void } {
  const title = h('h2', { id: 'details-title' });
  const content = h('div', { class: 'details' });
  const element = h('dialog', { 'aria-labelledby': 'details-title' });
  const close = button('Close', () => {
    element.close();
  });
  element.append(h('header', {}, title, close), content);
  // A click on the backdrop.
  element.addEventListener('click', ({ target }) => {
    if (target === element) element.close();
  });
  return {
    element,
    open: (index) => {
      const pin = context.model.pins[index];
      if (pin === undefined) return;
      title.replaceChildren(pin.name, ' ', h('span', { class: 'version' }, pin.version));
      content.replaceChildren(...contentOf(context, pin));
      if (!element.open) element.showModal();
      element.scrollTop = 0;
    },
  };
}

function contentOf(context: Context, pin: Pin): Node[] {
  const { summary, requires, dependents } = pin;
  return [
    ...(summary === undefined ? [] : [h('p', { class: 'summary' }, summary)]),
    facts(context, pin),
    ...vulnerabilities(pin),
    h('h3', {}, 'Why it is here'),
    why(context, pin),
    ...pinList(context, `Needed by ${count(dependents.length, 'pin')}`, dependents),
    ...pinList(context, `Requires ${count(requires.length, 'pin')}`, requires),
    h(
      'p',
      {},
      button('Show in the dependency picture', () => {
        context.locate(pin.index);
      }),
    ),
  ];
}

function facts({ model }: Context, pin: Pin): HTMLElement {
  const { origin, license, download, installed, rpm, delta, uploaded, newest, file, sha256, links, applications } = pin;
  const task = model.durations.find(({ task: id }) => id.startsWith(`${model.label}-wheel-${pin.name}:`));
  const sizes = Object.entries({ wheel: download, installed, RPM: rpm, delta });
  const rows: [string, (Node | string)[] | undefined][] = [
    ['Origin', [ORIGINS[origin]]],
    [
      'Licence',
      license === undefined
        ? ['unknown']
        : [license.text, license.problem === undefined ? '' : ` (refused: ${license.problem})`],
    ],
    [
      'Sizes',
      [sizes.flatMap(([name, size]) => (size === undefined ? [] : [`${name} ${bytes(size)}`])).join(', ') || 'unknown'],
    ],
    ['Uploaded', uploaded === undefined ? undefined : [`${date(uploaded)} (${age(uploaded, model.made)} ago)`]],
    ['Newest', newest === undefined ? undefined : [newest]],
    ['Build time', task && [duration(task.ms)]],
    ['Applications', [applications.map((at) => model.applications[at]?.name ?? '').join(', ') || 'none']],
    [
      'Transitively',
      [
        `requires ${count(reach(model, pin.index, 'dependencies').size, 'pin')}, needed by ${reach(model, pin.index, 'dependents').size}`,
      ],
    ],
    [
      'Links',
      links.length === 0 ? undefined : links.flatMap(({ title, href }, at) => [at > 0 ? ', ' : '', link(title, href)]),
    ],
    ['File', file === undefined ? undefined : [h('code', {}, file)]],
    ['sha256', sha256 === undefined ? undefined : [h('code', {}, sha256)]],
  ];
  return h(
    'dl',
    { class: 'facts' },
    ...rows.map(([name, values]) => values && h('div', {}, h('dt', {}, name), h('dd', {}, ...values))),
  );
}

function vulnerabilities(pin: Pin): Node[] {
  if (pin.vulnerabilities.length === 0) return [];
  const items = pin.vulnerabilities.map(({ id, url, severity, summary, fixed }) =>
    h(
      'li',
      {},
      severityBadge(severity, 1),
      ' ',
      link(id, url),
      summary === '' ? '' : `: ${summary}`,
      ` (${fixed[0] === undefined ? 'no fix' : `fixed in ${fixed[0]}`})`,
    ),
  );
  return [h('h3', {}, 'Vulnerabilities'), h('ul', {}, ...items)];
}

function why(context: Context, pin: Pin): Node {
  const { routes, more } = routesTo(context.model, pin.index, ROUTES);
  if (routes.length === 0) return h('p', {}, 'No requirement leads to it.');
  const items = routes.map((route) => h('li', {}, ...routeOf(context, route)));
  if (more > 0) items.push(h('li', {}, `and ${count(more, 'other requirement')}`));
  return h('ul', { class: 'routes' }, ...items);
}

function routeOf(context: Context, { root, steps }: Route): (Node | string)[] {
  return [
    h('strong', {}, root),
    ...steps.flatMap(({ pin, wants }) => {
      const found = context.model.pins[pin];
      return found === undefined ? [] : [' → ', pinButton(context, found), ` requires ${wants}`];
    }),
  ];
}

function pinList(context: Context, title: string, edges: readonly [number, string][]): Node[] {
  if (edges.length === 0) return [];
  const items = edges.slice(0, LISTED).flatMap(([index, wants]) => {
    const pin = context.model.pins[index];
    return pin === undefined ? [] : [h('li', {}, pinButton(context, pin), h('span', { class: 'wants' }, ` ${wants}`))];
  });
  if (edges.length > LISTED) items.push(h('li', {}, `and ${edges.length - LISTED} more`));
  return [h('h3', {}, title), h('ul', { class: 'columns' }, ...items)];
}
