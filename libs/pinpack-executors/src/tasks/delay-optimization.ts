import { setFlagsFromString } from 'node:v8';

/**
 * For processes that end after seconds. V8 of Node 20 optimizes functions that run a few thousand times, once for each file, which took a seventh of a batch's
 * processor time. Later versions, which do not know this flag, wait longer by themselves (docs/decisions/0038-writing-engine.md).
 */
export function delayOptimization(): void {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000');
}
