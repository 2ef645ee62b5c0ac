/** Sample pins, locks and applications for the specs of other packages: `@pinpack/rpm-packaging/testing`, from the sources only. */
export * from './pin.fixture.js';
export { sampleApplicationRequest } from './application-rpm/application-request.fixture.js';
