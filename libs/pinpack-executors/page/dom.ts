// Makes elements. Texts become text nodes, never markup, because names and summaries come from wheels.

type Child = Node | string | number | undefined | false;

/** Attributes; undefined and false are left out. */
type Properties = Readonly<Record<string, string | number | boolean | undefined>>;

export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  setAttributes(element, properties);
  append(element, children);
  return element;
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(element, properties);
  append(element, children);
  return element;
}

function setAttributes(element: Element, properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

export function button(text: string, onClick: () => void, properties: Properties = {}): HTMLButtonElement {
  const made = h('button', { type: 'button', ...properties }, text);
  made.addEventListener('click', onClick);
  return made;
}

/** A field to search in, without the browser's own suggestions and corrections. */
export function searchField(id: string, placeholder: string, properties: Properties = {}): HTMLInputElement {
  return h('input', { type: 'search', id, placeholder, autocomplete: 'off', spellcheck: 'false', ...properties });
}

/** A link, or the text alone if the URL is not one of the web. */
export function link(text: string, href: string | undefined): Node {
  return isWebPage(href) ? h('a', { href, rel: 'noopener noreferrer' }, text) : document.createTextNode(text);
}

function isWebPage(href: string | undefined): href is string {
  if (href === undefined || !URL.canParse(href)) return false;
  return ['http:', 'https:'].includes(new URL(href).protocol);
}
