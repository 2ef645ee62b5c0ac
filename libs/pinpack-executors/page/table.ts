// Tables whose columns sort by the button in their heading.
import { h, button } from './dom.js';
import { bytes, number } from './format.js';

export interface Column<Row> {
  title: string;
  /** For sorting; undefined comes last. A column without it does not sort. */
  value?: (row: Row) => string | number | undefined;
  cell: (row: Row) => Node | string;
  isNumber?: boolean;
  /** Screens from which it is shown: 1 always, 2 tablets, 3 wide ones. */
  priority?: 1 | 2 | 3;
  /** Its cells are headings of their rows. */
  isHeading?: boolean;
}

type NumberOptions = Pick<Column<never>, 'priority'>;

/** A column of counts. */
export function countColumn<Row>(title: string, value: (row: Row) => number, options: NumberOptions = {}): Column<Row> {
  return { title, isNumber: true, ...options, value, cell: (row) => number(value(row)) };
}

/** A column of sizes, which may be unknown. */
export function sizeColumn<Row>(
  title: string,
  value: (row: Row) => number | undefined,
  options: NumberOptions = {},
): Column<Row> {
  return { title, isNumber: true, ...options, value, cell: (row) => bytes(value(row)) };
}

export interface TableOptions<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  /** The column that sorts first, and whether downwards. */
  sort?: { column: number; isDown: boolean };
  empty?: string;
  /** Whether the caption is for screen readers only. */
  isCaptionHidden?: boolean;
}

export interface Table<Row> {
  element: HTMLElement;
  show: (rows: readonly Row[]) => void;
}

export function table<Row>({
  caption,
  columns,
  sort,
  empty = 'None.',
  isCaptionHidden,
}: TableOptions<Row>): Table<Row> {
  const body = h('tbody');
  const heads = columns.map((column) =>
    h('th', { scope: 'col', class: classOf(column) }, column.value === undefined ? column.title : undefined),
  );
  const cached = new Map<Row, HTMLTableRowElement>();
  let current = sort;
  let shown: readonly Row[] = [];
  const draw = (): void => {
    heads.forEach((head, at) => {
      if (current?.column === at) head.setAttribute('aria-sort', current.isDown ? 'descending' : 'ascending');
      else head.removeAttribute('aria-sort');
    });
    const rows = sortRows(shown, columns, current).map((row) => {
      const made = cached.get(row) ?? rowOf(row, columns);
      cached.set(row, made);
      return made;
    });
    body.replaceChildren(
      ...(rows.length > 0 ? rows : [h('tr', {}, h('td', { colspan: columns.length, class: 'empty' }, empty))]),
    );
  };
  columns.forEach((column, at) => {
    if (column.value === undefined) return;
    const onClick = (): void => {
      current = { column: at, isDown: current?.column === at ? !current.isDown : column.isNumber === true };
      draw();
    };
    heads[at]?.append(button(column.title, onClick, { class: 'sort' }));
  });
  const element = h(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    h(
      'table',
      {},
      h('caption', { class: isCaptionHidden === true ? 'hidden' : undefined }, caption),
      h('thead', {}, h('tr', {}, ...heads)),
      body,
    ),
  );
  return {
    element,
    show: (rows) => {
      shown = rows;
      draw();
    },
  };
}

function classOf<Row>({ isNumber, priority = 1 }: Column<Row>): string | undefined {
  const classes = [...(isNumber === true ? ['number'] : []), ...(priority > 1 ? [`from-${priority}`] : [])];
  return classes.length === 0 ? undefined : classes.join(' ');
}

function rowOf<Row>(row: Row, columns: readonly Column<Row>[]): HTMLTableRowElement {
  return h(
    'tr',
    {},
    ...columns.map((column) =>
      column.isHeading === true
        ? h('th', { scope: 'row', class: classOf(column) }, column.cell(row))
        : h('td', { class: classOf(column) }, column.cell(row)),
    ),
  );
}

function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: TableOptions<Row>['sort'],
): readonly Row[] {
  const value = sort === undefined ? undefined : columns[sort.column]?.value;
  if (sort === undefined || value === undefined) return rows;
  const keyed = rows.map((row) => [value(row), row] as const);
  const sign = sort.isDown ? -1 : 1;
  return keyed
    .sort(([one], [other]) => {
      if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
      if (typeof one === 'number' && typeof other === 'number') return sign * (one - other);
      return sign * String(one).localeCompare(String(other), 'en', { numeric: true });
    })
    .map(([, row]) => row);
}

/** A table that does not change. */
export function fixedTable<Row>(rows: readonly Row[], options: TableOptions<Row>): HTMLElement {
  const made = table(options);
  made.show(rows);
  return made.element;
}

/** A bar in a cell, as an addition to its number. @param share - 0 to 1 */
export function bar(share: number): HTMLElement {
  const fill = h('span', { class: 'bar-fill' });
  fill.style.inlineSize = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return h('span', { class: 'bar', 'aria-hidden': 'true' }, fill);
}
