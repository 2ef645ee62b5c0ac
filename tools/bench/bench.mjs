// `npm run bench [-- write|nx|ci|scale|install|store|shards] [-- --rounds 7] [-- --json FILE]` prints tables with goals. A missed goal is reported and is no
// failure; a run that took results from a cache where it measures work is one (cache-guard.mjs).
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { CacheGuardError } from './cache-guard.mjs';
import { formatCiTable, runCiBench } from './ci-bench.mjs';
import { formatInstallTable, runInstallBench } from './install-bench.mjs';
import { formatNxTable, runNxBench } from './nx-bench.mjs';
import { formatScaleTable, runScaleBench } from './scale-bench.mjs';
import { formatShardsTable, runShardsBench } from './shards-bench.mjs';
import { formatStoreTable, runStoreBench } from './store-bench.mjs';
import { formatGoals } from './table.mjs';
import { formatWriteTable, runWriteBench } from './write-bench.mjs';

const BENCHES = {
  write: { run: runWriteBench, format: formatWriteTable },
  nx: { run: runNxBench, format: formatNxTable },
  ci: { run: runCiBench, format: formatCiTable },
  scale: { run: runScaleBench, format: formatScaleTable },
  install: { run: runInstallBench, format: formatInstallTable },
  store: { run: runStoreBench, format: formatStoreTable },
  shards: { run: runShardsBench, format: formatShardsTable },
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'string' } },
});
const names = positionals.length === 0 ? Object.keys(BENCHES) : positionals;
const unknown = names.filter((name) => !(name in BENCHES));
const rounds = Number(values.rounds);
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(
    `bench: found ${process.argv.slice(2).join(' ')}, expected [write] [nx] [ci] [scale] [install] [store] [shards] [--rounds N] [--json FILE]`,
  );
  process.exit(2);
}

const machine = {
  cores: availableParallelism(),
  processor: cpus()[0]?.model,
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.version,
};
const results = { date: new Date().toISOString(), machine, rounds };
console.log(
  `${results.date.slice(0, 10)}, ${machine.cores} cores (${machine.processor}), Node ${machine.node}, ${rounds} rounds`,
);
for (const name of names) {
  results[name] = await BENCHES[name].run(rounds).catch(exitOnCacheGuard);
  console.log(`\n${BENCHES[name].format(results[name])}`);
  if (results[name].goals.length > 0) console.log(`\n${formatGoals(results[name].goals)}`);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);

function exitOnCacheGuard(error) {
  if (!(error instanceof CacheGuardError)) throw error;
  console.error(error.message);
  process.exit(1);
}
