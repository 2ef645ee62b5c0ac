// Mutation tests, one file at a time: `node tools/mutation/mutate.mjs [part of a path ...]`. Prints the table of docs/mutation.md from all results so far,
// and the surviving mutants of the files that were run. Results are kept in tmp/mutation: only mutants of changed code run again, and all if a spec changed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STRYKER = 'tools/mutation/node_modules/@stryker-mutator/core/bin/stryker.js';
const DETECTED = ['Killed', 'Timeout'];
const UNDETECTED = ['Survived', 'NoCoverage'];

const wanted = process.argv.slice(2);
const targets = readTargets();
const chosen = targets.filter(({ file }) => wanted.some((part) => file.includes(part)));
mkdirSync(join(ROOT, 'tmp/mutation'), { recursive: true });
for (const target of chosen) run(target);
console.log(formatScores(targets));
for (const target of chosen) console.log(formatSurvivors(target));

/** Sources and their specs, relative to the workspace. */
function readTargets() {
  const folders = JSON.parse(readFileSync(join(ROOT, 'tools/mutation/targets.json'), 'utf8'));
  return Object.entries(folders).flatMap(([folder, files]) =>
    Object.entries(files).map(([name, specs]) => ({
      file: `${folder}/${name}`,
      specs: specs.map((spec) => `${folder}/${spec}`),
      result: `tmp/mutation/${`${folder}/${name}`.replaceAll('/', '-')}.json`,
    })),
  );
}

function run({ file, specs, result }) {
  console.error(`mutation: ${file}`);
  dropOldResult(specs, result);
  const start = new Date();
  const env = { ...process.env, PINPACK_MUTATION_SPECS: specs.join(','), PINPACK_MUTATION_RESULT: result };
  const args = [STRYKER, 'run', 'tools/mutation/stryker.config.mjs', '--mutate', file];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`mutation: ${file}: Stryker failed, its output is above`);
  // A spec that changes during the run was not scored.
  utimesSync(join(ROOT, result), start, start);
}

/** Stryker does not notice that a spec changed: it would keep the mutants that survived the old one. */
function dropOldResult(specs, result) {
  const path = join(ROOT, result);
  if (!existsSync(path)) return;
  const time = statSync(path).mtimeMs;
  if (specs.some((spec) => statSync(join(ROOT, spec)).mtimeMs > time)) rmSync(path);
}

function mutantsOf({ file, result }) {
  const path = join(ROOT, result);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).files[file] : undefined;
}

function formatScores(all) {
  const rows = all.flatMap((target) => {
    const mutants = mutantsOf(target)?.mutants;
    if (mutants === undefined) return [];
    const count = (states) => mutants.filter(({ status }) => states.includes(status)).length;
    return [{ file: target.file, detected: count(DETECTED), undetected: count(UNDETECTED) }];
  });
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const total = { file: 'total', detected: sum('detected'), undetected: sum('undetected') };
  return [
    '| file | mutants | survived | score |',
    '| --- | ---: | ---: | ---: |',
    ...[...rows, total].map(formatRow),
  ].join('\n');
}

function formatRow({ file, detected, undetected }) {
  const mutants = detected + undetected;
  return `| ${file} | ${mutants} | ${undetected} | ${((100 * detected) / mutants).toFixed(0)}% |`;
}

function formatSurvivors(target) {
  const { mutants, source } = mutantsOf(target);
  const lines = source.split('\n');
  return mutants
    .filter(({ status }) => UNDETECTED.includes(status))
    .map(({ location, mutatorName, replacement = '' }) => {
      const { line, column } = location.start;
      return `${target.file}:${line}:${column} ${mutatorName}: ${JSON.stringify(replacement)}\n  ${lines[line - 1].trim()}`;
    })
    .join('\n');
}
