/** The order in which test files start. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * First what needs no built clone, which is being made meanwhile; then the end-to-end tests, which take longest;
 * last the unit specs, which are short, so that no processor waits for the end of a long one.
 */
const PROJECTS = ['mocking', 'integration', 'e2e', 'unit'];

export default class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return PROJECTS.flatMap((name) => sorted.filter(({ project }) => project.name === name));
  }
}
