/** The order in which test files start. */
import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * First what needs no built clone, which is being made meanwhile; then the end-to-end tests, which take longest;
 * last the unit specs, which are short, so that no processor waits for the end of a long one.
 */
const PROJECTS = ['mocking', 'integration', 'e2e', 'unit'];

/** The end-to-end tests that take minutes, longest first: whatever begins late must be short. */
const LONGEST = ['applications', 'image', 'publish', 'source-builds', 'start', 'packages', 'locks', 'reproducible'];

export default class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return PROJECTS.flatMap((name) => sorted.filter(({ project }) => project.name === name).sort(byDuration));
  }
}

function byDuration(one: TestSpecification, other: TestSpecification): number {
  return rank(one) - rank(other);
}

function rank({ moduleId }: TestSpecification): number {
  const place = LONGEST.indexOf(basename(moduleId, '.e2e.ts'));
  return place < 0 ? LONGEST.length : place;
}
