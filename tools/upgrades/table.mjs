// Formats the table and the goals that docs/deltas.md records.
import { formatGoals, formatTable, goal } from '../bench/table.mjs';

/** @param {Awaited<ReturnType<import('./upgrades.mjs')['measure']>>[]} rows - bytes */
export function formatUpgrades(rows) {
  const found = rows.map(({ name, versions, tree, stored, zipped, environment, environmentPlain, bsdiff, zstd }) => ({
    name: `${name} ${versions.join(' → ')}`,
    full: tree.full,
    tree: tree.wheels + tree.application,
    stored: stored.wheels + stored.application,
    storedThree: stored.wheels + 3 * stored.application,
    treeThree: tree.wheels + 3 * tree.application,
    zipped,
    environment,
    environmentPlain,
    bsdiff,
    zstd,
    floor: Math.min(bsdiff, zstd),
  }));
  const sum = Object.fromEntries(
    Object.keys(found[0]).map((key) => [key, found.reduce((total, row) => total + Number(row[key]), 0)]),
  );
  const cells = (row) =>
    ['full', 'tree', 'stored', 'zipped', 'environment', 'environmentPlain', 'bsdiff', 'zstd'].map((key) =>
      kb(row[key]),
    );
  const table = formatTable(
    ['kB', 'RPMs', 'tree', 'stored', 'zipped wheel', 'virtualenv', 'without bytecode', 'bsdiff', 'zstd --patch-from'],
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
  return `${table}\n\n${formatGoals(goals)}`;
}

function kb(bytes) {
  return (bytes / 1000).toLocaleString('en-US', { maximumFractionDigits: bytes < 100_000 ? 1 : 0 });
}
