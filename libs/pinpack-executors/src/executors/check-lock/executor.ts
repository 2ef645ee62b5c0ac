// `check-lock`: the project of a set has this target only while its lock is stale, and then everything that is built from the lock depends on it.
import type { Problem } from '../../workspace/read-reqset.js';

export default function checkLock({ problem }: Problem): Promise<{ success: boolean }> {
  if (process.env.PINPACK_STALE_LOCK !== 'allow') {
    console.error(problem);
    return Promise.resolve({ success: false });
  }
  console.warn(`warning: ${problem}`);
  return Promise.resolve({ success: true });
}
