/** The data of a page that has everything, with hostile texts, and of a large one. */
import { layoutDependencies } from './dependency-layout.js';
import type { PageData, PinData, SetData } from './page-data.js';

export const HOSTILE = '</script><img src=x onerror="document.title=\'broken\'"><!--<script>';

/** A pin of the number, which requires some of those with lower numbers. */
function pinOf(at: number): Omit<PinData, 'at'> {
  const targets =
    at === 0 ? [] : [...new Set([at % 7, (at * 31) % at, Math.floor(at / 2)])].filter((target) => target < at);
  return {
    name: `package-${at}`,
    version: `1.${at % 20}.${at % 3}`,
    origin: at % 40 === 7 ? 'sdist' : 'wheel',
    requires: targets.map((target) => [target, `package-${target}>=1.0`]),
    file: `package_${at}-1.${at % 20}.${at % 3}-py3-none-any.whl`,
    sha256: at.toString(16).padStart(64, '0'),
    summary: `Package number ${at}`,
    license: { text: ['MIT', 'Apache-2.0', 'BSD-3-Clause', 'BSD License'][at % 4] ?? '', isExpression: at % 4 !== 3 },
    links: [{ title: 'Changelog', href: `https://example.com/${at}/changes` }],
    download: 2000 + ((at * 7919) % 997) ** 2 * 4,
    installed: 9000 + ((at * 7919) % 997) ** 2 * 12,
    rpm: 2500 + ((at * 7919) % 997) ** 2 * 3,
    ...(at % 5 === 0 && { delta: 900 + at * 11 }),
    uploaded: new Date(Date.UTC(2026, 9, 1) - at * 86_400_000).toISOString(),
    ...(at % 9 === 0 && { newest: `2.${at}` }),
  };
}

export function samplePage(count: number): PageData {
  const pins = Array.from({ length: count }, (_, at) => pinOf(at));
  const [first, second, third] = pins;
  if (first === undefined || second === undefined || third === undefined) throw new RangeError('too few pins');
  // A cycle, and texts and links from a wheel that wants to harm.
  first.requires.push([1, 'package-1']);
  second.requires.push([0, 'package-0']);
  Object.assign(third, {
    ...{ name: HOSTILE, summary: HOSTILE, version: HOSTILE, file: HOSTILE },
    license: { text: HOSTILE, isExpression: false, problem: HOSTILE },
    links: [
      { title: HOSTILE, href: 'javascript:document.title="broken"' },
      { title: 'data', href: 'data:text/html,broken' },
    ],
  });
  const { positions, cycles } = layoutDependencies(pins.map(({ requires }) => requires.map(([target]) => target)));
  const set: SetData = {
    label: 'sample',
    target: ['Python 3.11.2', 'manylinux_2_28_x86_64'],
    pins: pins.map((pin, at) => ({ ...pin, at: positions[at] ?? [0, 0] })),
    roots: pins.flatMap(({ name }, pin) =>
      pin * 2 >= pins.length ? [{ text: `requirements.txt:${pin}: ${name}`, pin }] : [],
    ),
    applications: ['web', 'worker', HOSTILE].map((name, at) => ({
      ...{ name, version: '1.0' },
      pins: pins.flatMap((_, pin) => (pin % (at + 2) === 0 ? [pin] : [])),
    })),
    cycles,
    vulnerabilities: [
      {
        pin: 5,
        id: 'CVE-2026-1',
        severity: 'high',
        summary: HOSTILE,
        fixed: ['9.9'],
        url: 'javascript:1',
      },
      {
        pin: 6,
        id: 'CVE-2026-2',
        severity: 'low',
        summary: 'Small',
        fixed: [],
        exception: 'not_affected until 2027-01-01: reviewed',
      },
    ],
    changes: {
      since: { id: '20261101T000000Z-0123456789ab', time: '2026-11-01T00:00:00.000Z' },
      pins: [
        { name: 'package-5', before: '1.0.0', after: '1.5.2', notes: [] },
        { name: 'gone', before: '1.0', notes: [] },
        { name: HOSTILE, after: HOSTILE, notes: [HOSTILE] },
      ],
    },
    durations: [
      { task: 'sample-wheel-package-7:wheel', ms: 65_000 },
      { task: 'sample-wheel-package-9:rpm', ms: 800 },
    ],
    sources: [
      { name: 'built', isMissing: false, text: 'all wheels' },
      { name: 'vulnerabilities', isMissing: false, text: 'osv: 2 records' },
      { name: 'index', isMissing: true, text: HOSTILE },
    ],
  };
  return {
    title: `Sample ${HOSTILE}`,
    made: '2026-11-26T12:00:00.000Z',
    version: '0.1.0',
    sets: [set, { ...set, label: 'sample-2' }],
    runs: [
      {
        at: '2026-11-26T11:00:00.000Z',
        tasks: { local: 20, store: 70, made: 10 },
        bytes: { downloaded: 1e7, uploaded: 1e6 },
        savedMs: 125_000,
      },
    ],
  };
}
