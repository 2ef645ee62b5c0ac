/** The versions of Nx and Node that docs/support.md lists. CI tries the oldest pair, the nightly run every pair. */
import { HarnessError } from './harness-error.js';

export interface Versions {
  nx: string;
  node: string;
}

/** Oldest first. nx and @nx/devkit are both published in these versions. */
const NX = ['22.0.0', '22.5.4', '22.6.0', '22.7.5', '23.2.1', '24.0.0'];
/** The oldest supported version of 20 and of 22, and a current 24. */
const NODE = ['20.19.0', '22.12.0', '24.21.0'];
const OLDEST: Versions = { nx: '22.0.0', node: '20.19.0' };

/** @param selection - `PINPACK_E2E_VERSIONS`: `all`, or pairs such as `22.6.0/22.12.0,23.2.1/24.21.0`; empty for the oldest, which a change of pinpack breaks first */
export function selectVersions(selection: string): Versions[] {
  if (selection === 'all') return NX.flatMap((nx) => NODE.map((node) => ({ nx, node })));
  if (selection === '') return [OLDEST];
  return selection.split(',').map(parsePair);
}

/** Before 22.6 Nx runs batches on request alone, and hashes their tasks without the outputs of tasks outside of the batch. */
export function hasBatches({ nx }: Versions): boolean {
  const [major = 0, minor = 0] = nx.split('.').map(Number);
  return major > 22 || minor >= 6;
}

function parsePair(pair: string): Versions {
  const [, nx, node] = /^(\d+\.\d+\.\d+)\/(\d+\.\d+\.\d+)$/.exec(pair) ?? [];
  if (nx === undefined || node === undefined) {
    throw new HarnessError(
      'PROGRAM_FAILED',
      'PINPACK_E2E_VERSIONS',
      `found "${pair}", expected <nx>/<node>: 22.0.0/20.19.0`,
    );
  }
  return { nx, node };
}
