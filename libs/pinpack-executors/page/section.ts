// A section of the page with its heading.
import { h } from './dom.js';

export interface Section {
  id: string;
  title: string;
  element: HTMLElement;
}

export function section(id: string, title: string, about: string, ...children: (Node | false)[]): Section {
  const heading = `${id}-title`;
  const element = h(
    'section',
    { id, 'aria-labelledby': heading },
    h('h2', { id: heading, tabindex: -1 }, title),
    about !== '' && h('p', { class: 'about' }, about),
    ...children,
  );
  return { id, title, element };
}
