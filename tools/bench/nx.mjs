// Runs Nx in a workspace, measured, with the caches that the caller gives it and without the daemon, so that all processor time counts.
import { join } from 'node:path';
import { ROOT } from './files.mjs';
import { runMeasured } from './measure.mjs';

/**
 * @param {string} workspace
 * @param {string[]} args - of `nx`
 * @param {Record<string, string | null>} environment - cachesIn(…) or emptyCaches(…), and more
 */
export function runNx(workspace, args, environment) {
  return runMeasured({
    folder: workspace,
    commands: [[join(workspace, 'node_modules/.bin/nx'), ...args]],
    environment: {
      NX_DAEMON: 'false',
      NX_TUI: 'false',
      PATH: `${join(ROOT, '.venv/bin')}:${process.env.PATH}`,
      ...environment,
    },
  });
}
