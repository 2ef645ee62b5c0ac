// Formats the table and the goals that docs/deltas.md records.
import { formatGoals, formatTable, goal } from '../bench/table.mjs';

/** @param {Awaited<ReturnType<import('./upgrades.mjs')['measure']>>[]} rows - bytes */
export function formatUpgrades(rows) {
  const found = rows.map(
    ({ name, versions, tree, stored, patches, first, costs, zipped, environment, environmentPlain, bsdiff, zstd }) => ({
      name: `${name} ${versions.join(' → ')}`,
      full: tree.full,
      tree: tree.wheels + tree.application,
      stored: stored.wheels + stored.application,
      patches: patches.wheels + patches.application,
      patchesThree: patches.wheels + 3 * patches.application,
      installation: first.installation,
      treeInstallation: first.today,
      costs,
      storedThree: stored.wheels + 3 * stored.application,
      treeThree: tree.wheels + 3 * tree.application,
      zipped,
      environment,
      environmentPlain,
      bsdiff,
      zstd,
      floor: Math.min(bsdiff, zstd),
    }),
  );
  const sum = Object.fromEntries(
    Object.keys(found[0]).map((key) => [key, found.reduce((total, row) => total + Number(row[key]), 0)]),
  );
  const cells = (row) =>
    ['full', 'tree', 'stored', 'patches', 'zipped', 'environment', 'environmentPlain', 'bsdiff', 'zstd'].map((key) =>
      kb(row[key]),
    );
  const table = formatTable(
    [
      'kB',
      'RPMs',
      'tree',
      'stored',
      'patches',
      'zipped wheel',
      'virtualenv',
      'without bytecode',
      'bsdiff',
      'zstd --patch-from',
    ],
    [...found.map((row) => [row.name, ...cells(row)]), ['in all', ...cells(sum)]],
  );
  const goals = ['tree', 'stored'].flatMap((layout) => [
    goal(`${layout}: to the better floor of each`, sum[layout] / sum.floor, 1.1),
    goal(`${layout}: to zipped wheels`, sum[layout] / sum.zipped, 1 / 3),
    goal(`${layout}: to a ready virtualenv without bytecode`, sum[layout] / sum.environmentPlain, 0.6),
    goal(
      `${layout}: three applications, to three virtualenvs without bytecode`,
      sum[`${layout}Three`] / (3 * sum.environmentPlain),
      0.2,
    ),
  ]);
  const patchGoals = [
    goal('patches: to the better floor of each', sum.patches / sum.floor, 1.05),
    goal('patches: to deltas of tree', sum.patches / sum.tree, 0.75),
    goal(
      'patches: three applications, to three virtualenvs without bytecode',
      sum.patchesThree / (3 * sum.environmentPlain),
      0.2,
    ),
    goal('patches: first installations, to RPMs with zstd', sum.installation / sum.treeInstallation, 0.8),
  ];
  return `${table}\n\n${formatCosts(found)}\n\n${formatGoals([...goals, ...patchGoals])}`;
}

/** Processor seconds and peak memory, wheel RPM and application RPM together. @param {{ name: string, costs: object }[]} rows */
export function formatCosts(rows) {
  const ways = {
    patch: 'patch',
    patchXz: 'patch, xz',
    deltaZstd: 'delta, zstd',
    deltaXz: 'delta, xz',
    download: 'download',
  };
  const cell = ({ seconds, memory }) => `${seconds.toFixed(2)} s, ${(memory / 1e6).toFixed(0)} MB`;
  return formatTable(
    ['a server', ...Object.values(ways)],
    rows.map(({ name, costs }) => [name, ...Object.keys(ways).map((way) => cell(costs[way]))]),
  );
}

function kb(bytes) {
  return (bytes / 1000).toLocaleString('en-US', { maximumFractionDigits: bytes < 100_000 ? 1 : 0 });
}
