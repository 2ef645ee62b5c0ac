// The process that the benchmark `write` measures: the plugin's batch of `rpm` tasks, on the workspace in the working directory.
// Arguments: the options of each task, as JSON. The plugin's executors.json names the implementation, as it does for Nx.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const manifest = require.resolve('pinpack/executors.json');
const [file, exported = 'default'] = require(manifest).executors.rpm.batchImplementation.split('#');
const { [exported]: runBatch } = await import(new URL(file, pathToFileURL(manifest)).href);

const options = process.argv.slice(2).map((text) => JSON.parse(text));
const ids = options.map(({ reqset, pin }) => `${reqset}-wheel-${pin}:rpm`);
const graph = { roots: ids, tasks: Object.fromEntries(ids.map((id) => [id, { id }])), dependencies: {} };
const byId = Object.fromEntries(ids.map((id, position) => [id, options[position]]));

const results = await runBatch(graph, byId, {}, { root: process.cwd(), nxJsonConfiguration: {} });
process.exitCode = Object.values(results).every(({ success }) => success) ? 0 : 1;
