// The numbers at the top of the page, and the table of sets.
import type { PageData, SetData } from '../src/html-report/page-data.js';
import type { Context } from './context.js';
import { button, h } from './dom.js';
import { age, bytes, count, difference, number, UNKNOWN } from './format.js';
import { isBuilt, SEVERITIES, sum, type Model } from './model.js';
import { section, type Section } from './section.js';
import { countColumn, fixedTable, sizeColumn } from './table.js';

interface Tile {
  label: string;
  value: string;
  note: string;
  state?: 'good' | 'bad' | undefined;
  href?: string;
}

export function overview({ model }: Context): Section {
  const tiles = [sizeTile(model), ...pinTiles(model), vulnerabilityTile(model), licenseTile(model), changeTile(model)];
  return section(
    'overview',
    'Overview',
    '',
    h('dl', { class: 'tiles' }, ...tiles.flatMap((tile) => (tile === undefined ? [] : [tileOf(tile)]))),
  );
}

function tileOf({ label, value, note, state, href }: Tile): HTMLElement {
  const shown = href === undefined ? value : h('a', { href }, value);
  return h(
    'div',
    { class: state === undefined ? 'tile' : `tile ${state}` },
    h('dt', {}, label),
    h('dd', { class: 'value' }, shown),
    h('dd', { class: 'note' }, note),
  );
}

function sizeTile({ pins }: Model): Tile {
  const known = pins.filter(({ download }) => download !== undefined);
  const installed = pins.filter((pin) => pin.installed !== undefined);
  return {
    label: 'Download',
    value: bytes(sum(known.map(({ download }) => download))),
    note:
      installed.length === pins.length
        ? `${bytes(sum(installed.map((pin) => pin.installed)))} installed`
        : `of ${count(known.length, 'wheel')}`,
    href: '#sizes',
  };
}

function pinTiles({ pins, made, applications }: Model): Tile[] {
  const built = pins.filter(isBuilt).length;
  const newer = pins.filter(({ newest }) => newest !== undefined);
  const ages = pins.flatMap(({ uploaded }) => (uploaded === undefined ? [] : [uploaded])).sort();
  const median = ages[Math.floor(ages.length / 2)];
  const direct = pins.filter(({ roots }) => roots.length > 0).length;
  return [
    { label: 'Pins', value: number(pins.length), note: `${number(direct)} required directly`, href: '#pins' },
    { label: 'Built from source', value: number(built), note: `${number(pins.length - built)} binary wheels` },
    {
      label: 'Applications',
      value: number(applications.length),
      note:
        applications.length === 0
          ? 'wheels only'
          : applications
              .map(({ name }) => name)
              .slice(0, 2)
              .join(', '),
      href: '#applications',
    },
    {
      label: 'Newer versions',
      value: ages.length === 0 ? UNKNOWN : number(newer.length),
      note: median === undefined ? 'the index was not read' : `median age ${age(median, made)}`,
    },
  ];
}

function vulnerabilityTile({ pins, sources }: Model): Tile {
  const found = pins.flatMap(({ vulnerabilities }) => vulnerabilities);
  const isKnown = sources.some(({ name, isMissing }) => name === 'vulnerabilities' && !isMissing);
  const parts = SEVERITIES.flatMap((severity) => {
    const many = found.filter((one) => one.severity === severity).length;
    return many === 0 ? [] : [`${many} ${severity}`];
  });
  return {
    label: 'Vulnerabilities',
    value: isKnown ? number(found.length) : UNKNOWN,
    note: isKnown ? parts.join(', ') || 'none known' : 'not audited',
    state: !isKnown ? undefined : found.length === 0 ? 'good' : 'bad',
    href: '#vulnerabilities',
  };
}

function licenseTile({ pins }: Model): Tile {
  const known = pins.filter(({ license }) => license !== undefined);
  const refused = pins.filter(({ license }) => license?.problem !== undefined).length;
  const unclear = known.filter(({ license }) => license?.isExpression === false).length;
  const parts = { 'refused by the policy': refused, unknown: pins.length - known.length, unclear };
  const note = Object.entries(parts)
    .flatMap(([state, many]) => (many === 0 ? [] : [`${many} ${state}`]))
    .join(', ');
  return {
    label: 'Licences',
    value: known.length === 0 ? UNKNOWN : number(new Set(known.map(({ license }) => license?.text)).size),
    note: note === '' ? 'all are SPDX expressions' : note,
    state: refused > 0 ? 'bad' : undefined,
    href: '#licenses',
  };
}

function changeTile({ changes, pins }: Model): Tile | undefined {
  if (changes === undefined) return undefined;
  const changed = new Set(changes.pins.map(({ name }) => name));
  const added = sum(pins.filter(({ name }) => changed.has(name)).map(({ download }) => download));
  return {
    label: 'Changed since publication',
    value: number(changes.pins.length),
    note: changes.pins.length === 0 ? 'as published' : `${difference(added)} of wheels`,
    href: '#changes',
  };
}

/** Only a workspace has it. @param choose - shows another set */
export function setsTable({ sets }: PageData, choose: (label: string) => void): Section {
  return section(
    'sets',
    'Requirement sets',
    'Each name shows the rest of the page for that set.',
    fixedTable(sets, {
      caption: 'Requirement sets of the workspace',
      isCaptionHidden: true,
      sort: { column: 0, isDown: false },
      columns: [
        {
          title: 'Set',
          isHeading: true,
          value: ({ label }) => label,
          cell: ({ label }) =>
            button(
              label,
              () => {
                choose(label);
              },
              { class: 'pin' },
            ),
        },
        { title: 'Target', priority: 2, value: targetOf, cell: targetOf },
        countColumn('Pins', ({ pins }) => pins.length),
        sizeColumn('Download', ({ pins }) => sum(pins.map(({ download }) => download))),
        countColumn('Newer', ({ pins }) => pins.filter(({ newest }) => newest !== undefined).length, { priority: 2 }),
        countColumn('Vulnerabilities', openOf, { priority: 2 }),
      ],
    }),
  );
}

function targetOf({ target }: Pick<SetData, 'target'>): string {
  return target.join(', ');
}

function openOf({ vulnerabilities }: Pick<SetData, 'vulnerabilities'>): number {
  return vulnerabilities.filter(({ exception }) => exception === undefined).length;
}
