/** The last line of a test run: `N passed, N failed`, with the skipped where there are any. */
import type { Reporter, TestModule } from 'vitest/node';

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      // A file that can't be loaded, or a hook that fails, has tests that never run: they are skipped, and it is what failed.
      for (const suite of [module, ...module.children.allSuites()]) counts.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') counts[state]++;
      }
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    process.once('exit', () => {
      console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
    });
  }
}
