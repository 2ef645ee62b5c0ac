// The sections that are tables alone: changes, applications, runs and sources.
import { pinButton, type Context } from './context.js';
import { h, link } from './dom.js';
import { bytes, count, duration, number, percent, time } from './format.js';
import { sum, type Pin } from './model.js';
import { section, type Section } from './section.js';
import { bar, countColumn, fixedTable, sizeColumn } from './table.js';

const SLOWEST = 20;

export function changes(context: Context): Section {
  const { changes: found, pins } = context.model;
  const title = 'Changes';
  if (found === undefined) return section('changes', title, 'Nothing to compare with: see the sources below.');
  const byName = new Map(pins.map((pin) => [pin.name, pin]));
  return section(
    'changes',
    title,
    `Since the publication ${found.since.id} of ${time(found.since.time)}.`,
    fixedTable(found.pins, {
      caption: 'Changed pins',
      isCaptionHidden: true,
      empty: 'No pin has changed.',
      sort: { column: 0, isDown: false },
      columns: [
        {
          title: 'Pin',
          isHeading: true,
          value: ({ name }) => name,
          cell: ({ name }) => {
            const pin = byName.get(name);
            return pin === undefined ? name : pinButton(context, pin);
          },
        },
        {
          title: 'Before',
          value: ({ before }) => before,
          cell: ({ before }) => before ?? h('span', { class: 'badge' }, 'added'),
        },
        {
          title: 'Now',
          value: ({ after }) => after,
          cell: ({ after }) => after ?? h('span', { class: 'badge' }, 'removed'),
        },
        sizeColumn('Download', ({ name }) => byName.get(name)?.download, { priority: 2 }),
        sizeColumn('Delta', ({ name }) => byName.get(name)?.delta, { priority: 2 }),
        {
          title: 'Links',
          cell: ({ name }) =>
            h('span', {}, ...(byName.get(name)?.links ?? []).flatMap((one) => [link(one.title, one.href), ' '])),
        },
        { title: 'Notes', priority: 2, cell: ({ notes }) => notes.join('; ') },
      ],
    }),
  );
}

export function applications(context: Context): Section {
  const { model } = context;
  const rows = model.applications.map((application, at) => {
    const pins = application.pins.flatMap((index) => model.pins[index] ?? []);
    return {
      ...application,
      pins,
      own: pins.filter((pin) => pin.applications.length === 1 && pin.applications[0] === at),
    };
  });
  return section(
    'applications',
    'Applications',
    'What each application pulls in, and what no other application has.',
    fixedTable(rows, {
      caption: 'Applications',
      isCaptionHidden: true,
      empty: 'The set has no applications.',
      columns: [
        {
          title: 'Application',
          isHeading: true,
          value: ({ name }) => name,
          cell: ({ name, version, pins }) =>
            h(
              'details',
              {},
              h('summary', {}, `${name} ${version}`),
              h('p', { class: 'pin-list' }, ...pins.flatMap((pin) => [pinButton(context, pin), ' '])),
            ),
        },
        countColumn('Pins', ({ pins }) => pins.length),
        sizeColumn('Download', ({ pins }) => sum(pins.map(({ download }) => download))),
        {
          title: 'Installed',
          isNumber: true,
          priority: 2,
          value: ({ pins }) => sum(pins.map(({ installed }) => installed)),
          cell: ({ pins }) => installedOf(pins),
        },
        {
          title: 'Of its own',
          isNumber: true,
          priority: 2,
          value: ({ own }) => own.length,
          cell: ({ own }) => `${count(own.length, 'pin')}, ${bytes(sum(own.map(({ download }) => download)))}`,
        },
      ],
    }),
  );
}

function installedOf(pins: readonly Pin[]): string {
  const known = pins.filter(({ installed }) => installed !== undefined);
  const size = bytes(known.length === 0 ? undefined : sum(known.map(({ installed }) => installed)));
  return known.length === 0 || known.length === pins.length ? size : `at least ${size}`;
}

export function builds({ model, data }: Context): Section {
  const { durations } = model;
  const longest = durations[0]?.ms ?? 0;
  return section(
    'builds',
    'Cache and build times',
    data.runs.length === 0
      ? `No runs are known: ${model.sources.find(({ name }) => name === 'runs')?.text ?? ''}`
      : 'Recent runs that used the store, and the median times of the tasks that they made.',
    fixedTable(data.runs, {
      caption: 'Recent runs',
      empty: 'None.',
      columns: [
        { title: 'Run', isHeading: true, value: ({ at }) => at, cell: ({ at }) => time(at) },
        {
          title: 'Restored',
          value: ({ tasks }) => (tasks.local + tasks.store) / Math.max(1, tasks.local + tasks.store + tasks.made),
          cell: ({ tasks }) => {
            const all = tasks.local + tasks.store + tasks.made;
            return h(
              'span',
              { class: 'with-bar' },
              bar(all === 0 ? 0 : (tasks.local + tasks.store) / all),
              `${percent(tasks.local + tasks.store, all)} of ${number(all)}`,
            );
          },
        },
        countColumn('Built', ({ tasks }) => tasks.made),
        countColumn('From the store', ({ tasks }) => tasks.store, { priority: 2 }),
        sizeColumn('Downloaded', (run) => run.bytes.downloaded, { priority: 2 }),
        sizeColumn('Uploaded', (run) => run.bytes.uploaded, { priority: 3 }),
        {
          title: 'Time saved',
          isNumber: true,
          priority: 2,
          value: ({ savedMs }) => savedMs,
          cell: ({ savedMs }) => duration(savedMs),
        },
      ],
    }),
    fixedTable(durations.slice(0, SLOWEST), {
      caption: 'Longest tasks',
      empty: 'No times are known.',
      columns: [
        { title: 'Task', isHeading: true, value: ({ task }) => task, cell: ({ task }) => task },
        {
          title: 'Time',
          value: ({ ms }) => ms,
          cell: ({ ms }) => h('span', { class: 'with-bar' }, bar(longest === 0 ? 0 : ms / longest), duration(ms)),
        },
      ],
    }),
  );
}

const SOURCE_NAMES: Readonly<Record<string, string>> = {
  built: 'What is built in the workspace',
  index: 'Package index',
  'newer versions': 'Newer versions',
  vulnerabilities: 'Vulnerabilities',
  publication: 'Publication',
  runs: 'Runs with the store',
};

export function sources({ model, data }: Context): Section {
  return section(
    'sources',
    'Sources',
    `Read on ${time(data.made)}. A missing source leaves gaps above.`,
    fixedTable(model.sources, {
      caption: 'Sources of this report',
      isCaptionHidden: true,
      columns: [
        { title: 'Source', isHeading: true, cell: ({ name }) => SOURCE_NAMES[name] ?? name },
        {
          title: 'State',
          cell: ({ isMissing }) =>
            h('span', { class: isMissing ? 'badge warn' : 'badge good' }, isMissing ? 'missing' : 'read'),
        },
        { title: 'Details', cell: ({ text }) => h('span', { class: 'message' }, text) },
      ],
    }),
  );
}
