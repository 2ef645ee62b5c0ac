// Locks every set of this repository twice, in copies of the workspace: with empty caches, and with those that the first run has left. Both locks and pin files must be
// those of the repository: `node tools/lock-twice.mjs [--folder <path>]`. Needs the network. CI runs it by the clock.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { cachesIn } from './bench/caches.mjs';
import { runNx } from './bench/nx.mjs';
import { copyWorkspace } from './bench/workspace-copy.mjs';
import { ROOT } from './bench/files.mjs';
import { symlinkSync } from 'node:fs';

const { values } = parseArgs({ options: { folder: { type: 'string' } } });
const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'pinpack-lock-twice-')));
const workspace = join(folder, 'workspace');
let isSame = true;
for (const caches of ['empty', 'warm']) {
  await copyWorkspace(workspace);
  symlinkSync(join(ROOT, '.venv'), join(workspace, '.venv'));
  // Without git, Nx cannot tell which files belong to the workspace.
  await execa('git', ['init', '--quiet'], { cwd: workspace });
  const run = await runNx(workspace, ['run-many', '-t', 'lock', '--parallel=1'], cachesIn(join(folder, 'caches')));
  const { stdout, exitCode } = await execa('diff', ['-r', join(ROOT, 'reqsets'), join(workspace, 'reqsets')], {
    reject: false,
  });
  console.log(
    `${caches} caches: ${run.wall.toFixed(0)} s, ${exitCode === 0 ? 'the locks of the repository' : 'other locks'}`,
  );
  if (exitCode !== 0) console.log(stdout);
  isSame &&= exitCode === 0;
}
if (values.folder === undefined) await rm(folder, { recursive: true });
process.exitCode = isSame ? 0 : 1;
