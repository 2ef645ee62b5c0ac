// Benchmark `install`: from `dnf install` of an application with numpy, scipy and pandas to an import of all three, each in a fresh root. Then
// three applications in one transaction, in one round, which shows what they share.
import { join } from 'node:path';
import { FOLDER } from './files.mjs';
import { makeOtherRpms } from './install-packages.mjs';
import { measureInstallation, repositoryOf } from './install-root.mjs';
import { APPLICATIONS, FILLS, makePinpackRpms, REQSETS } from './install-workspace.mjs';
import { measureInRounds } from './rounds.mjs';
import { formatSeconds, formatTable, goal, summary } from './table.mjs';

const OTHERS = {
  'original: zip -r, pip': 'original',
  'wheels as files, pip': 'deflated',
  'ready virtualenv': 'ready',
  'ready virtualenv, bytecode': 'ready-bytecode',
};
const WHEELHOUSE = 'pinpack-wheelhouse';
const DISK = join(FOLDER, 'install/disk');

/**
 * @typedef {object} Contestant
 * @property {string} name
 * @property {string} repository
 * @property {string[]} applications - names of RPMs
 * @property {string[]} extras - names of RPMs that are installed with them
 */

/** @param {number} rounds */
export async function runInstallBench(rounds) {
  const contestants = await prepare();
  const results = await measureInRounds({ bench: 'install', rounds, contestants }, (contestant) =>
    measure(contestant, 1),
  );
  const rows = [];
  for (const { measures, ...contestant } of results) {
    const three = await measure(contestant, APPLICATIONS.length);
    rows.push({ name: contestant.name, ...summarizeRounds(measures), three });
  }
  return { rows, goals: goals(rows) };
}

/** @returns {Promise<Contestant[]>} */
async function prepare() {
  const { wheels, rpms } = await makePinpackRpms();
  const others = await makeOtherRpms(wheels);
  const plans = [
    ...Object.entries(OTHERS).map(([name, kind]) => ({ name, rpms: others[kind], prefix: kind.replace(/-.*/, '') })),
    ...FILLS.flatMap((fill) =>
      Object.entries(REQSETS).map(([kind, reqset]) => ({
        name: `pinpack, ${fill}${kind === 'plain' ? '' : `, ${kind}`}`,
        rpms: rpms(reqset),
        prefix: `${reqset}-${fill}`,
      })),
    ),
    {
      name: 'pinpack, link, wheelhouse',
      rpms: rpms(REQSETS.plain),
      prefix: `${REQSETS.plain}-link`,
      extras: [WHEELHOUSE],
    },
  ];
  const contestants = [];
  for (const { name, rpms: files, prefix, extras = [] } of plans) {
    const repository = await repositoryOf(join(FOLDER, 'install/repositories', name.replaceAll(/\W+/g, '-')), files);
    contestants.push({ name, repository, applications: APPLICATIONS.map((app) => `${prefix}-${app}`), extras });
  }
  return contestants;
}

async function measure({ name, repository, applications, extras }, count) {
  const found = await measureInstallation(DISK, { repository, names: applications.slice(0, count), extras });
  const { install, first, diskMb } = found;
  const times = `dnf ${install.wall.toFixed(1)} s, first import ${first.wall.toFixed(1)} s, ${diskMb.toFixed(0)} MB`;
  console.error(`bench: ${name}, ${count === 1 ? 'one application' : `${count} applications`}: ${times}`);
  return found;
}

function summarizeRounds(rounds) {
  const of = (pick) => summary(rounds.map(pick));
  return {
    install: of(({ install }) => install.wall),
    user: of(({ install }) => install.user),
    system: of(({ install }) => install.system),
    first: of(({ first }) => first.wall),
    second: of(({ second }) => second.wall),
    total: of(({ install, first }) => install.wall + first.wall),
    disk: rounds[0],
  };
}

/** Of the ready virtualenv's total: with bytecode all modules are in the RPMs, so that more files are linked. */
const TOTAL_LIMITS = { '': 1.2, ', bytecode': 1.25 };

/** Compares `link` with the floor, which is the ready virtualenv of the same kind: with bytecode or without. */
function goals(rows) {
  const row = (name) => rows.find((candidate) => candidate.name === name);
  return Object.entries(TOTAL_LIMITS).flatMap(([kind, limit]) => {
    const [link, floor] = [row(`pinpack, link${kind}`), row(`ready virtualenv${kind}`)];
    const of = (what, found, most) => goal(`link${kind}: ${what}`, found, most);
    return [
      of(`total in ${limit} times the floor's`, link.total.median / floor.total.median, limit),
      of("three applications: half of the floor's time", link.three.install.wall / floor.three.install.wall, 0.5),
      of("disk in 1.2 times the floor's", link.disk.diskMb / floor.disk.diskMb, 1.2),
      of("three applications: half of the floor's disk", link.three.diskMb / floor.three.diskMb, 0.5),
    ];
  });
}

/** @param {Awaited<ReturnType<typeof runInstallBench>>} results */
export function formatInstallTable({ rows }) {
  return `${formatTimes(rows)}\n\n${formatSizes(rows)}`;
}

function formatTimes(rows) {
  return formatTable(
    [
      'seconds',
      'dnf install',
      'spread',
      'user',
      'system',
      'first import',
      'spread',
      'again',
      'total',
      'spread',
      'three: dnf',
    ],
    rows.map(({ name, install, user, system, first, second, total, three }) => [
      name,
      ...formatSeconds(install),
      user.median.toFixed(1),
      system.median.toFixed(1),
      ...formatSeconds(first),
      second.median.toFixed(2),
      ...formatSeconds(total),
      three.install.wall.toFixed(1),
    ]),
  );
}

function formatSizes(rows) {
  const sizes = ({ diskMb, wheelhouseMb, diskAfterMb }) => [diskMb, wheelhouseMb, diskAfterMb];
  return formatTable(
    [
      'MB',
      'download',
      'disk',
      'of it wheelhouse',
      'after import',
      'three: download',
      'disk',
      'of it wheelhouse',
      'after',
    ],
    rows.map(({ name, disk, three }) =>
      [name, disk.downloadMb, ...sizes(disk), three.downloadMb, ...sizes(three)].map((cell) =>
        typeof cell === 'number' ? cell.toFixed(0) : cell,
      ),
    ),
  );
}
