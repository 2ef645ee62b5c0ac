// Runs an executor of the workspace in the current folder without Nx: `node run-executor.mjs lock '{"reqset":"reqset3"}'`.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , name, options] = process.argv;
const root = process.cwd();
const manifest = createRequire(join(root, 'package.json')).resolve('pinpack/executors.json');
const { implementation } = readJson(manifest).executors[name];
const { default: execute } = await import(new URL(implementation, pathToFileURL(manifest)).href);
const { success } = await execute(JSON.parse(options), { root, nxJsonConfiguration: readJson(join(root, 'nx.json')) });
// As Nx does: what is left open must not keep the process.
process.exit(success ? 0 : 1);

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
