// The process that the benchmark measures: the plugin's own batch of `rpm` tasks, on the workspace in the working directory.
// Arguments: the tasks' options, as JSON.
import rpms from '../../libs/pinpack-executors/dist/executors/rpm/batch.js';

const options = process.argv.slice(2).map((text) => JSON.parse(text));
const ids = options.map(({ reqset, pin }) => `${reqset}-wheel-${pin}:rpm`);
const graph = { roots: ids, tasks: Object.fromEntries(ids.map((id) => [id, { id }])), dependencies: {} };
const byId = Object.fromEntries(ids.map((id, position) => [id, options[position]]));

const results = await rpms(graph, byId, {}, { root: process.cwd(), nxJsonConfiguration: {} });
process.exitCode = Object.values(results).every(({ success }) => success) ? 0 : 1;
